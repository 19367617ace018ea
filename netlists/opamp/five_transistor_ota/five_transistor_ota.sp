* Five-transistor operational transconductance amplifier, NMOS input pair
* Topology: B. Razavi, "Design of Analog CMOS Integrated Circuits", 2nd ed. 2017, section 5.3.
* m1 m2 input pair, m3 m4 mirror load, m5 tail, m6 bias diode.
.subckt five_transistor_ota inp inn out vdd vss
+ w1=20u l1=1u w3=20u l3=1u w5=10u l5=1u ib=20u
*@ w1 = 0.5u..200u log step 10n
*@ l1 = 0.15u..8u log step 10n
*@ w3 = 0.5u..200u log step 10n
*@ l3 = 0.15u..8u log step 10n
*@ w5 = 0.5u..200u log step 10n
*@ l5 = 0.15u..8u log step 10n
*@ ib = 0.5u..200u log
m1 x inp tail vss nmos w={w1} l={l1}
m2 out inn tail vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w3} l={l3}
m4 out x vdd vdd pmos w={w3} l={l3}
m5 tail bias vss vss nmos w={w5} l={l5}
m6 bias bias vss vss nmos w={w5} l={l5}
ib vdd bias dc {ib}
.ends five_transistor_ota
