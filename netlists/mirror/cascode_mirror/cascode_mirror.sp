* Cascode current mirror with stacked diodes, NMOS
* Topology: P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits", 5th ed. 2009, section 4.2.5.
* m1 m2 mirror, m3 m4 cascodes; m1 and m3 are diodes.
.subckt cascode_mirror in out vss w1=15u l1=0.7u w2=60u w3=20u l3=0.3u w4=80u
*@ w1 = 0.5u..100u log step 10n
*@ l1 = 0.15u..8u log step 10n
*@ w2 = 0.5u..200u log step 10n
*@ w3 = 0.5u..100u log step 10n
*@ l3 = 0.15u..8u log step 10n
*@ w4 = 0.5u..200u log step 10n
m1 x x vss vss nmos w={w1} l={l1}
m3 in in x vss nmos w={w3} l={l3}
m2 y x vss vss nmos w={w2} l={l1}
m4 out in y vss nmos w={w4} l={l3}
.ends cascode_mirror
