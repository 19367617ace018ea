* Beta-multiplier current reference with start-up; the current flows out of `out`
* Topology: B. Razavi, "Design of Analog CMOS Integrated Circuits", 2nd ed. 2017, section 12.3 (supply-independent biasing).
* m1 m2 NMOS pair with widths 1 to k, rs degeneration, m3 m4 PMOS mirror, m5 output; m6 m7 m8 start-up: m6 is off once
* m7 has been driven, m8 is a long device that lifts the gate of m6 until then.
.subckt beta_multiplier out vdd vss
+ w1=5u l1=2u k=4 w3=10u l3=2u w5=20u rs=10k w6=1u w7=2u w8=0.5u l8=10u
*@ w1 = 1u..50u log step 10n
*@ l1 = 0.15u..10u log step 10n
*@ k = 1.2..10 log
*@ w3 = 1u..50u log step 10n
*@ l3 = 0.15u..10u log step 10n
*@ w5 = 1u..100u log step 10n
*@ rs = 1k..100k log
*@ w6 = 0.42u..10u log step 10n
*@ w7 = 0.42u..20u log step 10n
*@ w8 = 0.42u..5u log step 10n
*@ l8 = 1u..20u log step 10n
m1 n n vss vss nmos w={w1} l={l1}
m2 p n s vss nmos w={w1*k} l={l1}
m3 n p vdd vdd pmos w={w3} l={l3}
m4 p p vdd vdd pmos w={w3} l={l3}
m5 out p vdd vdd pmos w={w5} l={l3}
rs s vss {rs}
m6 p g vss vss nmos w={w6} l=0.5u
m7 g n vss vss nmos w={w7} l=0.5u
m8 g vss vdd vdd pmos w={w8} l={l8}
.ends beta_multiplier
