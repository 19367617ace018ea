* Voltage reference from the difference of two thresholds, without bipolar transistors
* Topology: R. A. Blauschild et al., "A new NMOS temperature-stable voltage reference", IEEE JSSC 13(6), 1978 (difference of
* thresholds); the current comes from a beta multiplier.
* m1 m2 m3 m4 rs beta multiplier, m5 its current into m9; m10 (low threshold) follows m9's gate and gives the output, with
* m11 as its current: the output is the difference of their gate-source voltages. m6 m7 m8 start-up, as in beta_multiplier.
.subckt threshold_reference out vdd vss
+ w1=4u l1=5u k=6 w3=4u l3=5u rs=80k w5=4u w9=1u l9=2u w10=4u l10=2u w11=4u w6=1u w7=2u w8=0.5u l8=20u
*@ w1 = 1u..50u log step 10n
*@ l1 = 0.5u..20u log step 10n
*@ k = 1.5..16 log
*@ w3 = 1u..50u log step 10n
*@ l3 = 0.5u..20u log step 10n
*@ rs = 10k..1meg log
*@ w5 = 1u..50u log step 10n
*@ w9 = 0.5u..50u log step 10n
*@ l9 = 0.5u..20u log step 10n
*@ w10 = 0.5u..50u log step 10n
*@ l10 = 0.5u..20u log step 10n
*@ w11 = 1u..50u log step 10n
*@ w7 = 0.42u..20u log step 10n
m1 n n vss vss nmos w={w1} l={l1}
m2 p n s vss nmos w={w1*k} l={l1}
m3 n p vdd vdd pmos w={w3} l={l3}
m4 p p vdd vdd pmos w={w3} l={l3}
rs s vss {rs}
m5 u p vdd vdd pmos w={w5} l={l3}
m9 u u vss vss nmos w={w9} l={l9}
m10 vdd u out vss nmos_lvt w={w10} l={l10}
m11 out n vss vss nmos w={w11} l={l1}
m6 p g vss vss nmos w={w6} l=0.5u
m7 g n vss vss nmos w={w7} l=0.5u
m8 g vss vdd vdd pmos w={w8} l={l8}
.ends threshold_reference
