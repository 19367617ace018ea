* Two-stage comparator in open loop, NMOS input pair
* Topology: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, section 8.2.
* m1 m2 input pair, m3 m4 mirror load, m5 tail, m6 second stage, m7 its load, m8 bias diode.
.subckt two_stage_comparator inp inn out vdd vss
+ w1=10u l1=0.3u w3=4u l3=0.3u w5=8u l5=0.5u w6=8u w7=8u ib=20u
*@ w1 = 0.5u..100u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ w3 = 0.5u..100u log step 10n
*@ l3 = 0.15u..2u log step 10n
*@ w5 = 0.5u..100u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ w6 = 0.5u..100u log step 10n
*@ w7 = 0.5u..100u log step 10n
*@ ib = 1u..100u log
m1 x inn tail vss nmos w={w1} l={l1}
m2 y inp tail vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w3} l={l3}
m4 y x vdd vdd pmos w={w3} l={l3}
m5 tail bias vss vss nmos w={w5} l={l5}
m6 out y vdd vdd pmos w={w6} l={l3}
m7 out bias vss vss nmos w={w7} l={l5}
m8 bias bias vss vss nmos w={w5} l={l5}
ib vdd bias dc {ib}
.ends two_stage_comparator
