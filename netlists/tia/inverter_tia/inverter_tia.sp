* Inverter-based transimpedance amplifier with a Cherry-Hooper stage behind it
* Topology: shunt-feedback inverter: B. Razavi, "Design of Integrated Circuits for Optical Communications", 2nd ed. 2012,
* section 4.3; second amplifier: E. M. Cherry, D. E. Hooper, "The design of wide-band transistor feedback amplifiers",
* Proc. IEE 110(2), 1963.
* m1 m2 first inverter with rf1; m3 m4 transconductor, m5 m6 its load in feedback with rf2.
.subckt inverter_tia in out vdd vss
+ w1=10u w2=20u l1=0.15u w3=5u w4=10u l3=0.15u w5=5u w6=10u rf1=3k rf2=2k
*@ w1 = 1u..100u log step 10n
*@ w2 = 1u..100u log step 10n
*@ l1 = 0.15u..1u log step 10n
*@ w3 = 1u..100u log step 10n
*@ w4 = 1u..100u log step 10n
*@ l3 = 0.15u..1u log step 10n
*@ w5 = 1u..100u log step 10n
*@ w6 = 1u..100u log step 10n
*@ rf1 = 200..50k log
*@ rf2 = 200..50k log
m1 x in vss vss nmos w={w1} l={l1}
m2 x in vdd vdd pmos w={w2} l={l1}
rf1 x in {rf1}
m3 y x vss vss nmos w={w3} l={l3}
m4 y x vdd vdd pmos w={w4} l={l3}
m5 out y vss vss nmos w={w5} l={l3}
m6 out y vdd vdd pmos w={w6} l={l3}
rf2 out y {rf2}
.ends inverter_tia
