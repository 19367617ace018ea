* Low-dropout regulator: PMOS pass device, five-transistor error amplifier, output capacitor with a series resistance
* Topology: G. A. Rincon-Mora, P. E. Allen, "A low-voltage, low quiescent current, low drop-out regulator", IEEE JSSC 33(1), 1998.
* m1 m2 input pair, m3 m4 mirror load, m5 tail, m8 bias diode, m9 pass device, r1 r2 divider (fb = 0.8 of the output).
.subckt pmos_ldo vin vref sense out vss
+ w1=100u l1=0.5u w3=20u l3=0.5u w5=60u w8=10u l5=1u wp=100u lp=0.15u ib=20u rd=50k cf=1p
*@ w1 = 2u..200u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ w3 = 1u..100u log step 10n
*@ l3 = 0.15u..2u log step 10n
*@ w5 = 2u..200u log step 10n
*@ w8 = 1u..20u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ wp = 10u..180u log step 10n
*@ lp = 0.15u..0.5u log step 10n
*@ ib = 1u..50u log
*@ rd = 5k..200k log
*@ cf = 0.1p..50p log
m1 x fb tail vss nmos w={w1} l={l1}
m2 gate vref tail vss nmos w={w1} l={l1}
m3 x x vin vin pmos w={w3} l={l3}
m4 gate x vin vin pmos w={w3} l={l3}
m5 tail bias vss vss nmos w={w5} l={l5}
m8 bias bias vss vss nmos w={w8} l={l5}
m9 out gate vin vin pmos w={wp} l={lp} m=40
r1 sense fb {rd}
r2 fb vss {4*rd}
cf sense fb {cf}
ib vin bias dc {ib}
.ends pmos_ldo
