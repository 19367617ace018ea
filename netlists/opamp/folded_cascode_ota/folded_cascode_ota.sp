* Folded-cascode operational transconductance amplifier with a wide-swing cascode mirror, PMOS input pair
* Topology: P. R. Gray, R. G. Meyer, "MOS operational amplifier design: a tutorial overview", IEEE JSSC 17(6), 1982;
* wide-swing mirror: B. Razavi, "Design of Analog CMOS Integrated Circuits", 2nd ed. 2017, section 5.2.
* m1 m2 input pair, m3 m4 current sources into which it folds, m5 m6 NMOS cascodes, m7 m8 cascodes of the mirror
* m9 m10, m11 tail. m12 bias diode; m13 m14 turn its current round for m11 and m15; m15 into the diode m16 biases the
* gates of m5 m6, m17 out of the diode m18 those of m7 m8.
.subckt folded_cascode_ota inp inn out vdd vss
+ w1=68u l1=0.5u w3=5.8u l3=0.95u w5=7.1u l5=1.8u w7=7.1u l7=2.6u w9=6.7u l9=1.45u w16=0.62u w18=0.73u n=5 ib=3.3u
*@ w1 = 1u..200u log step 10n
*@ l1 = 0.15u..3u log step 10n
*@ w3 = 0.5u..20u log step 10n
*@ l3 = 0.15u..3u log step 10n
*@ w5 = 0.5u..20u log step 10n
*@ l5 = 0.15u..3u log step 10n
*@ w7 = 0.5u..20u log step 10n
*@ l7 = 0.15u..3u log step 10n
*@ w9 = 0.5u..20u log step 10n
*@ l9 = 0.15u..3u log step 10n
*@ w16 = 0.5u..20u log step 10n
*@ w18 = 0.5u..20u log step 10n
*@ n = 1..10 step 1
*@ ib = 1u..20u log
m1 x1 inp tail vdd pmos w={w1} l={l1}
m2 x2 inn tail vdd pmos w={w1} l={l1}
m3 x1 bn vss vss nmos w={w3} l={l3} m={2*n}
m4 x2 bn vss vss nmos w={w3} l={l3} m={2*n}
m5 y cn x1 vss nmos w={w5} l={l5} m={n}
m6 out cn x2 vss nmos w={w5} l={l5} m={n}
m7 y cp z1 vdd pmos w={w7} l={l7} m={n}
m8 out cp z2 vdd pmos w={w7} l={l7} m={n}
m9 z1 y vdd vdd pmos w={w9} l={l9} m={n}
m10 z2 y vdd vdd pmos w={w9} l={l9} m={n}
m11 tail bp vdd vdd pmos w={w9} l={l9} m={2*n}
m12 bn bn vss vss nmos w={w3} l={l3}
m13 bp bn vss vss nmos w={w3} l={l3}
m14 bp bp vdd vdd pmos w={w9} l={l9}
m15 cn bp vdd vdd pmos w={w9} l={l9}
m16 cn cn vss vss nmos w={w16} l={l5}
m17 cp bn vss vss nmos w={w3} l={l3}
m18 cp cp vdd vdd pmos w={w18} l={l7}
ib vdd bn dc {ib}
.ends folded_cascode_ota
