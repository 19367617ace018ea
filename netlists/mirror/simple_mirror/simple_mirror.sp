* Two-transistor current mirror with source degeneration, NMOS
* Topology: P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits", 5th ed. 2009, section 4.2.4.
* m1 diode at the input, m2 output, r1 r2 degeneration.
.subckt simple_mirror in out vss w1=5u l1=1u w2=10u l2=1u r1=6k r2=3k
*@ w1 = 0.5u..100u log step 10n
*@ l1 = 0.15u..8u log step 10n
*@ w2 = 0.5u..100u log step 10n
*@ l2 = 0.15u..8u log step 10n
*@ r1 = 100..50k log
*@ r2 = 100..50k log
m1 in in s1 vss nmos w={w1} l={l1}
m2 out in s2 vss nmos w={w2} l={l2}
r1 s1 vss {r1}
r2 s2 vss {r2}
.ends simple_mirror
