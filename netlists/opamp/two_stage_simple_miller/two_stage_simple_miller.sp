* Two-stage Miller-compensated op-amp without a nulling resistor, PMOS input pair
* Topology: P. R. Gray, R. G. Meyer, "MOS operational amplifier design: a tutorial overview", IEEE JSSC 17(6), 1982;
* P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, section 6.3 (there with the other polarity).
* m1 m2 input pair in a well of its own, m3 m4 mirror load, m5 tail, m6 second stage, m7 its load, m8 bias diode,
* cc compensation.
.subckt two_stage_simple_miller inp inn out vdd vss
+ w1=20u l1=0.5u w3=5u l3=1u w5=20u l5=0.5u w6=40u l6=0.3u w7=100u ib=10u cc=2p
*@ w1 = 1u..100u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ w3 = 1u..50u log step 10n
*@ l3 = 0.15u..2u log step 10n
*@ w5 = 1u..100u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ w6 = 1u..100u log step 10n
*@ l6 = 0.15u..2u log step 10n
*@ w7 = 1u..200u log step 10n
*@ ib = 1u..100u log
*@ cc = 0.1p..10p log
m1 x inn tail tail pmos w={w1} l={l1}
m2 y inp tail tail pmos w={w1} l={l1}
m3 x x vss vss nmos w={w3} l={l3}
m4 y x vss vss nmos w={w3} l={l3}
m5 tail bias vdd vdd pmos w={w5} l={l5}
m6 out y vss vss nmos w={w6} l={l6}
m7 out bias vdd vdd pmos w={w7} l={l5}
m8 bias bias vdd vdd pmos w={w5} l={l5}
ib bias vss dc {ib}
cc y out {cc}
.ends two_stage_simple_miller
