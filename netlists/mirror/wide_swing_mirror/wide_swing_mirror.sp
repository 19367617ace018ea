* Wide-swing cascode current mirror with its own bias branch, NMOS
* Topology: P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits", 5th ed. 2009, section 4.2.5.2
* (high-swing cascode); D. A. Johns, K. Martin, "Analog Integrated Circuit Design", 1997, section 6.3.
* m1 and m2 m6 mirror 1:2 of equal units, m3 and m4 m7 their cascodes: m1's gate is at the input, above m3; m5 with the
* current ib biases the cascodes.
.subckt wide_swing_mirror in out vdd vss w1=10u l1=1u w3=10u l3=0.3u w5=1u l5=2u ib=10u
*@ w1 = 0.5u..100u log step 10n
*@ l1 = 0.15u..8u log step 10n
*@ w3 = 0.5u..100u log step 10n
*@ l3 = 0.15u..8u log step 10n
*@ w5 = 0.5u..50u log step 10n
*@ l5 = 0.15u..8u log step 10n
*@ ib = 1u..50u log
m1 x in vss vss nmos w={w1} l={l1}
m3 in bias x vss nmos w={w3} l={l3}
m2 y in vss vss nmos w={w1} l={l1}
m6 y in vss vss nmos w={w1} l={l1}
m4 out bias y vss nmos w={w3} l={l3}
m7 out bias y vss nmos w={w3} l={l3}
m5 bias bias vss vss nmos w={w5} l={l5}
ib vdd bias dc {ib}
.ends wide_swing_mirror
