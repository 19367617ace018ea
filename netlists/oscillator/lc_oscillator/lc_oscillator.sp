* LC oscillator of a cross-coupled NMOS pair, tuned by NMOS varactors
* Topology: B. Razavi, "RF Microelectronics", 2nd ed. 2012, section 8.3; varactors: P. Andreani, S. Mattisson, "On the use
* of MOS varactors in RF VCOs", IEEE JSSC 35(6), 2000.
* l1a l1b r1a r1b a tapped inductor with a Q of 12 at 2.4 GHz, m1 m2 the pair, m3 its tail, m4 bias diode, m5 m6 varactors,
* cf fixed capacitance.
.subckt lc_oscillator outp outn ctrl vdd vss
+ ls=4n w1=40u l1=0.15u w3=40u l3=0.5u w4=8u ib=250u w5=100u l5=0.5u cf=0.33p
*@ ls = 0.5n..5n log
*@ w1 = 1u..200u log step 10n
*@ l1 = 0.15u..1u log step 10n
*@ w3 = 2u..200u log step 10n
*@ l3 = 0.15u..2u log step 10n
*@ w4 = 1u..50u log step 10n
*@ ib = 20u..1m log
*@ w5 = 2u..200u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ cf = 0.05p..5p log
l1a vdd ta {ls}
r1a ta outp {ls*1.26e9}
l1b vdd tb {ls}
r1b tb outn {ls*1.26e9}
m1 outp outn tail vss nmos w={w1} l={l1}
m2 outn outp tail vss nmos w={w1} l={l1}
m3 tail bias vss vss nmos w={w3} l={l3}
m4 bias bias vss vss nmos w={w4} l={l3}
ib vdd bias dc {ib}
m5 ctrl outp ctrl vss nmos w={w5} l={l5}
m6 ctrl outn ctrl vss nmos w={w5} l={l5}
cf outp outn {cf}
.ends lc_oscillator
