* Relaxation oscillator: a Schmitt trigger of six transistors with a resistor from its output and a capacitor at its input
* Topology: I. M. Filanovsky, H. Baltes, "CMOS Schmitt trigger design", IEEE Trans. Circuits and Systems I 41(1), 1994.
* m1 m2 m4 m5 the inverter of doubled devices, m3 m6 the feedback that spreads its levels; rf cf the time constant; m7 m8 buffer.
.subckt relaxation_oscillator out vdd vss
+ w1=1u l1=0.3u w3=2u w4=6u l4=0.3u w6=5u rf=140k cf=0.5p w7=1u w8=2.5u
*@ w1 = 0.42u..40u log step 10n
*@ l1 = 0.15u..5u log step 10n
*@ w3 = 0.42u..40u log step 10n
*@ w4 = 0.42u..80u log step 10n
*@ l4 = 0.15u..5u log step 10n
*@ w6 = 0.42u..80u log step 10n
*@ rf = 5k..500k log
*@ cf = 50f..5p log
*@ w7 = 0.42u..10u log step 10n
*@ w8 = 0.42u..20u log step 10n
m1 s cap vss vss nmos w={w1} l={l1}
m2 y cap s vss nmos w={w1} l={l1}
m3 vdd y s vss nmos w={w3} l={l1}
m4 d cap vdd vdd pmos w={w4} l={l4}
m5 y cap d vdd pmos w={w4} l={l4}
m6 vss y d vdd pmos w={w6} l={l4}
rf y cap {rf}
cf cap vss {cf}
m7a b y vss vss nmos w={w7} l=0.15u
m8a b y vdd vdd pmos w={w8} l=0.15u
m7b out b vss vss nmos w={w7} l=0.15u m=2
m8b out b vdd vdd pmos w={w8} l=0.15u m=2
.ends relaxation_oscillator
