* Three-stage op-amp with nested Miller compensation, PMOS input pair
* Topology: K. N. Leung, P. K. T. Mok, "Analysis of multistage amplifier-frequency compensation", IEEE Trans. Circuits
* and Systems I 48(9), 2001 (NMC); R. G. H. Eschauzier, J. H. Huijsing, "Frequency Compensation Techniques for
* Low-Power Operational Amplifiers", Kluwer, 1995.
* m1 m2 input pair in a well of its own, m3 m4 mirror load, m5 tail; m6 second stage, turned around by the mirror
* m7 m8 against the current source m9, so that it does not invert; m10 output stage, m11 its load;
* m12 m13 m14 bias; c1 outer compensation around the last two stages, c2 inner one around the last.
.subckt three_stage_nested_miller inp inn out vdd vss
+ w1=20u l1=0.5u w3=4u l3=1u w5=10u l5=1u w6=4u w7=8u l7=0.5u w9=4u w10=20u l10=0.3u w11=100u ib=5u
+ cm1=4p cm2=1p
*@ w1 = 1u..100u log step 10n
*@ l1 = 0.15u..4u log step 10n
*@ w3 = 1u..50u log step 10n
*@ l3 = 0.15u..4u log step 10n
*@ w5 = 1u..50u log step 10n
*@ l5 = 0.15u..4u log step 10n
*@ w6 = 1u..50u log step 10n
*@ w7 = 1u..50u log step 10n
*@ l7 = 0.15u..4u log step 10n
*@ w9 = 1u..50u log step 10n
*@ w10 = 1u..100u log step 10n
*@ l10 = 0.15u..2u log step 10n
*@ w11 = 1u..200u log step 10n
*@ ib = 1u..50u log
*@ cm1 = 0.2p..20p log
*@ cm2 = 0.1p..10p log
m1 x inn tail tail pmos w={w1} l={l1}
m2 y inp tail tail pmos w={w1} l={l1}
m3 x x vss vss nmos w={w3} l={l3}
m4 y x vss vss nmos w={w3} l={l3}
m5 tail bp vdd vdd pmos w={w5} l={l5}
m6 d y vss vss nmos w={w6} l={l3}
m7 d d vdd vdd pmos w={w7} l={l7}
m8 z d vdd vdd pmos w={w7} l={l7}
m9 z bn vss vss nmos w={w9} l={l3}
m10 out z vss vss nmos w={w10} l={l10}
m11 out bp vdd vdd pmos w={w11} l={l5}
m12 bp bp vdd vdd pmos w={w5} l={l5}
m13 bn bp vdd vdd pmos w={w5} l={l5}
m14 bn bn vss vss nmos w={w9} l={l3}
ib bp vss dc {ib}
c1 y out {cm1}
c2 z out {cm2}
.ends three_stage_nested_miller
