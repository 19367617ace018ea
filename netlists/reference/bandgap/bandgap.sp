* Bandgap voltage reference with an op-amp, for 1.8 V
* Topology: K. E. Kuijk, "A precision reference voltage source", IEEE JSSC 8(3), 1973; with PMOS current sources as in
* B. Razavi, "Design of Analog CMOS Integrated Circuits", 2nd ed. 2017, section 12.4.
* q1 q2 pnps with areas 1 to 8, r1 the PTAT voltage, r2 its multiple on q3; m1 m2 m3 current sources; m11 m12 input pair
* of the amplifier, m13 m14 its load, m15 its tail, m16 m17 the tail's bias; m21 m22 m23 start-up; cc compensation.
.subckt bandgap out vdd vss
+ w1=20u l1=2u w11=20u l11=1u w13=5u l13=2u w16=4u w17=4u l17=2u r1=10k r2=95k cc=2p w21=1u w22=2u w23=0.5u l23=10u
*@ w1 = 2u..100u log step 10n
*@ l1 = 0.3u..10u log step 10n
*@ w11 = 2u..100u log step 10n
*@ l11 = 0.3u..5u log step 10n
*@ w13 = 1u..50u log step 10n
*@ l13 = 0.3u..10u log step 10n
*@ w16 = 1u..50u log step 10n
*@ w17 = 1u..50u log step 10n
*@ l17 = 0.3u..10u log step 10n
*@ r1 = 2k..100k log
*@ r2 = 20k..1meg log
*@ cc = 0.1p..20p log
*@ w22 = 0.42u..20u log step 10n
m1 a g vdd vdd pmos w={w1} l={l1}
m2 b g vdd vdd pmos w={w1} l={l1}
m3 out g vdd vdd pmos w={w1} l={l1}
xq1 vss vss a sky130_fd_pr__pnp_05v5_w3p40l3p40
r1 b c {r1}
xq2 vss vss c sky130_fd_pr__pnp_05v5_w3p40l3p40 m=8
r2 out d {r2}
xq3 vss vss d sky130_fd_pr__pnp_05v5_w3p40l3p40
m11 x b tail vss nmos_lvt w={w11} l={l11}
m12 g a tail vss nmos_lvt w={w11} l={l11}
m13 x x vdd vdd pmos w={w13} l={l13}
m14 g x vdd vdd pmos w={w13} l={l13}
m15 tail bias vss vss nmos_lvt w={w17} l={l17}
m16 bias g vdd vdd pmos w={w16} l={l1}
m17 bias bias vss vss nmos_lvt w={w17} l={l17}
cc g vdd {cc}
m21 g s vss vss nmos w={w21} l=0.5u
m22 s out vss vss nmos w={w22} l=0.5u
m23 s vss vdd vdd pmos w={w23} l={l23}
.ends bandgap
