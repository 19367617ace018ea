* Two-stage Miller-compensated op-amp, NMOS input pair
* Topology: P. R. Gray, R. G. Meyer, "MOS operational amplifier design: a tutorial overview", IEEE JSSC 17(6), 1982.
* m1 m2 input pair, m3 m4 mirror load, m5 tail, m6 second stage, m7 its load, m8 bias diode, rz cc compensation.
.subckt two_stage_miller inp inn out vdd vss
+ w1=10u l1=0.5u w3=10u l3=0.5u w5=10u l5=1u w6=50u l6=0.3u w7=25u ib=20u rz=2k cc=1p
*@ w1 = 1u..100u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ w3 = 1u..100u log step 10n
*@ l3 = 0.15u..2u log step 10n
*@ w5 = 1u..100u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ w6 = 1u..200u log step 10n
*@ l6 = 0.15u..2u log step 10n
*@ w7 = 1u..200u log step 10n
*@ ib = 1u..100u log
*@ rz = 100..100k log
*@ cc = 0.1p..10p log
m1 x inn tail vss nmos w={w1} l={l1}
m2 y inp tail vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w3} l={l3}
m4 y x vdd vdd pmos w={w3} l={l3}
m5 tail bias vss vss nmos w={w5} l={l5}
m6 out y vdd vdd pmos w={w6} l={l6}
m7 out bias vss vss nmos w={w7} l={l5}
m8 bias bias vss vss nmos w={w5} l={l5}
ib vdd bias dc {ib}
rz y z {rz}
cc z out {cc}
.ends two_stage_miller
