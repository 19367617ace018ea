* Regulated-cascode current mirror, NMOS
* Topology: E. Säckinger, W. Guggenbühl, "A high-swing, high-impedance MOS cascode circuit", IEEE JSSC 25(1), 1990.
* m1 diode at the input, m2 m7 output (two units like m1), m3 its cascode; m4 compares the drain of m2 with its own
* threshold and drives the gate of m3, fed by m5; m6 bias diode, c1 compensation of the loop of m4 and m3.
.subckt regulated_cascode_mirror in out vdd vss
+ w1=10u l1=1u w3=20u l3=0.3u w4=5u l4=0.5u w5=5u l5=1u ib=5u c1=0.2p
*@ w1 = 0.5u..100u log step 10n
*@ l1 = 0.15u..8u log step 10n
*@ w3 = 0.5u..100u log step 10n
*@ l3 = 0.15u..8u log step 10n
*@ w4 = 0.5u..50u log step 10n
*@ l4 = 0.15u..8u log step 10n
*@ w5 = 0.5u..50u log step 10n
*@ l5 = 0.15u..8u log step 10n
*@ ib = 0.5u..50u log
*@ c1 = 10f..2p log
m1 in in vss vss nmos w={w1} l={l1}
m2 y in vss vss nmos w={w1} l={l1}
m7 y in vss vss nmos w={w1} l={l1}
m3 out g y vss nmos w={w3} l={l3}
m4 g y vss vss nmos w={w4} l={l4}
m5 g p vdd vdd pmos w={w5} l={l5}
m6 p p vdd vdd pmos w={w5} l={l5}
ib p vss dc {ib}
c1 g vss {c1}
.ends regulated_cascode_mirror
