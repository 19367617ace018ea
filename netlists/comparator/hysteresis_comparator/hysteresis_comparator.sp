* Comparator with internal hysteresis: a cross-coupled load, and a push-pull output
* Topology: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, section 8.4, figure 8.4-11.
* m1 m2 input pair, m5 tail, m3 m4 diode loads, m6 m7 cross-coupled loads (wider than the diodes), m8 m9 drive the
* output, m10 m11 mirror the current of m9 below it, m12 bias diode.
.subckt hysteresis_comparator inp inn out vdd vss
+ w1=5u l1=0.5u w3=2u w6=4u l3=0.5u w5=8u l5=0.5u w8=4u w10=2u l10=0.3u ib=20u
*@ w1 = 0.5u..100u log step 10n
*@ l1 = 0.15u..4u log step 10n
*@ w3 = 0.5u..50u log step 10n
*@ w6 = 0.5u..50u log step 10n
*@ l3 = 0.15u..4u log step 10n
*@ w5 = 0.5u..100u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ w8 = 0.5u..100u log step 10n
*@ w10 = 0.5u..50u log step 10n
*@ l10 = 0.15u..2u log step 10n
*@ ib = 1u..100u log
m1 x inp tail vss nmos w={w1} l={l1}
m2 y inn tail vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w3} l={l3}
m4 y y vdd vdd pmos w={w3} l={l3}
m6 x y vdd vdd pmos w={w6} l={l3}
m7 y x vdd vdd pmos w={w6} l={l3}
m5 tail bias vss vss nmos w={w5} l={l5}
m8 out x vdd vdd pmos w={w8} l={l3}
m9 mir y vdd vdd pmos w={w8} l={l3}
m10 mir mir vss vss nmos w={w10} l={l10}
m11 out mir vss vss nmos w={w10} l={l10}
m12 bias bias vss vss nmos w={w5} l={l5}
ib vdd bias dc {ib}
.ends hysteresis_comparator
