* Recycling folded-cascode operational transconductance amplifier, PMOS input pair
* Topology: R. S. Assaad, J. Silva-Martinez, "The recycling folded cascode: a general enhancement of the folded cascode
* amplifier", IEEE JSSC 44(9), 2009.
* m1a m1b m2a m2b the input pair in halves, m3a m3b and m4a m4b mirrors with the ratio k that reuse the folded current,
* m11 m12 cascodes of their diode sides, m5 m6 NMOS cascodes, m7 m8 cascodes of the mirror m9 m10, m0 tail.
* m13 bias diode; m14 m15 turn its current round for m0 and m16; m16 into the diode m17 biases the gates of m5 m6 m11
* m12, m18 out of the diode m19 those of m7 m8.
.subckt recycling_folded_cascode_ota inp inn out vdd vss
+ w1=32u l1=0.3u w3=0.85u l3=0.5u w5=5.6u l5=2.1u w7=5.4u l7=1.3u w9=3.3u l9=0.46u w17=0.74u w19=0.55u n=2 k=3 ib=3.7u
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
*@ w17 = 0.5u..20u log step 10n
*@ w19 = 0.5u..20u log step 10n
*@ n = 1..6 step 1
*@ k = 2..6 step 1
*@ ib = 1u..20u log
m0 tail bp vdd vdd pmos w={w9} l={l9} m={4*n}
m1a x1 inp tail vdd pmos w={w1} l={l1}
m1b d1 inp tail vdd pmos w={w1} l={l1}
m2a x2 inn tail vdd pmos w={w1} l={l1}
m2b d2 inn tail vdd pmos w={w1} l={l1}
m3a x1 d2 vss vss nmos w={w3} l={l3} m={k*n}
m3b e2 d2 vss vss nmos w={w3} l={l3} m={n}
m4a x2 d1 vss vss nmos w={w3} l={l3} m={k*n}
m4b e1 d1 vss vss nmos w={w3} l={l3} m={n}
m11 d2 cn e2 vss nmos w={w5} l={l5} m={n}
m12 d1 cn e1 vss nmos w={w5} l={l5} m={n}
m5 y cn x1 vss nmos w={w5} l={l5} m={(k-1)*n}
m6 out cn x2 vss nmos w={w5} l={l5} m={(k-1)*n}
m7 y cp z1 vdd pmos w={w7} l={l7} m={(k-1)*n}
m8 out cp z2 vdd pmos w={w7} l={l7} m={(k-1)*n}
m9 z1 y vdd vdd pmos w={w9} l={l9} m={(k-1)*n}
m10 z2 y vdd vdd pmos w={w9} l={l9} m={(k-1)*n}
m13 bn bn vss vss nmos w={w3} l={l3}
m14 bp bn vss vss nmos w={w3} l={l3}
m15 bp bp vdd vdd pmos w={w9} l={l9}
m16 cn bp vdd vdd pmos w={w9} l={l9}
m17 cn cn vss vss nmos w={w17} l={l5}
m18 cp bn vss vss nmos w={w3} l={l3}
m19 cp cp vdd vdd pmos w={w19} l={l7}
ib vdd bn dc {ib}
.ends recycling_folded_cascode_ota
