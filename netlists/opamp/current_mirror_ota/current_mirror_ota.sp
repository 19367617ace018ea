* Current-mirror (symmetrical) operational transconductance amplifier, NMOS input pair
* Topology: W. M. C. Sansen, "Analog Design Essentials", 2006, chapter 7 (symmetrical OTA).
* m1 m2 input pair, m3 m4 diode loads, m5 m6 their mirrors with the ratio b, m7 m8 mirror that turns the left branch's
* current round, m9 tail, m10 bias diode.
.subckt current_mirror_ota inp inn out vdd vss
+ w1=12u l1=0.3u w3=1.3u l3=0.65u w7=4.7u l7=4.5u w9=14u l9=0.75u b=6 ib=2u
*@ w1 = 1u..100u log step 10n
*@ l1 = 0.15u..5u log step 10n
*@ w3 = 0.5u..50u log step 10n
*@ l3 = 0.15u..5u log step 10n
*@ w7 = 0.5u..100u log step 10n
*@ l7 = 0.15u..5u log step 10n
*@ w9 = 0.5u..50u log step 10n
*@ l9 = 0.15u..5u log step 10n
*@ b = 1..8 step 1
*@ ib = 1u..100u log
m1 x inn tail vss nmos w={w1} l={l1}
m2 y inp tail vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w3} l={l3}
m4 y y vdd vdd pmos w={w3} l={l3}
m5 z x vdd vdd pmos w={w3} l={l3} m={b}
m6 out y vdd vdd pmos w={w3} l={l3} m={b}
m7 z z vss vss nmos w={w7} l={l7}
m8 out z vss vss nmos w={w7} l={l7}
m9 tail bias vss vss nmos w={w9} l={l9} m=2
m10 bias bias vss vss nmos w={w9} l={l9}
ib vdd bias dc {ib}
.ends current_mirror_ota
