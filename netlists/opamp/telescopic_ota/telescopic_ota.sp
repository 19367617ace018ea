* Telescopic cascode operational transconductance amplifier with a wide-swing cascode mirror, NMOS input pair
* Topology: B. Razavi, "Design of Analog CMOS Integrated Circuits", 2nd ed. 2017, sections 9.2 (amplifier), 5.2 (mirror).
* m1 m2 input pair, m3 m4 its cascodes, m5 m6 cascodes of the mirror m7 m8, m9 tail, m10 bias diode.
* m11 m12 m13 turn the bias current round into m14, a diode on top of the tail that biases the gates of m3 m4;
* m15 draws it through the diode m16, which biases the gates of m5 m6.
.subckt telescopic_ota inp inn out vdd vss
+ w1=60u l1=0.3u w3=8u l3=1.4u w5=7u l5=1u w7=8.5u l7=0.3u w9=14u l9=1u w14=0.5u w16=0.7u n=7 ib=5u
*@ w1 = 1u..200u log step 10n
*@ l1 = 0.15u..3u log step 10n
*@ w3 = 0.5u..20u log step 10n
*@ l3 = 0.15u..3u log step 10n
*@ w5 = 0.5u..20u log step 10n
*@ l5 = 0.15u..3u log step 10n
*@ w7 = 0.5u..20u log step 10n
*@ l7 = 0.15u..3u log step 10n
*@ w9 = 0.5u..20u log step 10n
*@ l9 = 0.15u..3u log step 10n
*@ w14 = 0.5u..20u log step 10n
*@ w16 = 0.5u..20u log step 10n
*@ n = 1..10 step 1
*@ ib = 1u..20u log
m1 x1 inp tail vss nmos w={w1} l={l1}
m2 x2 inn tail vss nmos w={w1} l={l1}
m3 y cn x1 vss nmos w={w3} l={l3} m={n}
m4 out cn x2 vss nmos w={w3} l={l3} m={n}
m5 y cp z1 vdd pmos w={w5} l={l5} m={n}
m6 out cp z2 vdd pmos w={w5} l={l5} m={n}
m7 z1 y vdd vdd pmos w={w7} l={l7} m={n}
m8 z2 y vdd vdd pmos w={w7} l={l7} m={n}
m9 tail bias vss vss nmos w={w9} l={l9} m={2*n}
m10 bias bias vss vss nmos w={w9} l={l9}
m11 bp bias vss vss nmos w={w9} l={l9}
m12 bp bp vdd vdd pmos w={w7} l={l7}
m13 cn bp vdd vdd pmos w={w7} l={l7}
m14 cn cn tail vss nmos w={w14} l={l3}
m15 cp bias vss vss nmos w={w9} l={l9}
m16 cp cp vdd vdd pmos w={w16} l={l5}
ib vdd bias dc {ib}
.ends telescopic_ota
