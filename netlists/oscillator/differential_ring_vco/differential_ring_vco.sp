* Differential ring VCO of three delay cells with symmetric loads, and a fourth cell as output buffer
* Topology: J. G. Maneatis, "Low-jitter process-independent DLL and PLL based on self-biased techniques", IEEE JSSC 31(11),
* 1996; here with a half-cell replica in place of the amplifier.
* m1x m2x the pair of a cell, m3x m6x diodes and m4x m5x their equals on the control voltage, m7x its tail; m8 m9 two loads
* at full current (the replica) into m10, which sets the tails.
.subckt differential_ring_vco outp outn ctrl vdd vss
+ w1=5u l1=0.18u w3=1.2u l3=0.2u w7=4u l7=0.3u w10=4u
*@ w1 = 0.42u..40u log step 10n
*@ l1 = 0.15u..1u log step 10n
*@ w3 = 0.42u..40u log step 10n
*@ l3 = 0.15u..1u log step 10n
*@ w7 = 0.42u..40u log step 10n
*@ l7 = 0.15u..1u log step 10n
*@ w10 = 0.42u..40u log step 10n
m8 z ctrl vdd vdd pmos w={w3} l={l3}
m9 z ctrl vdd vdd pmos w={w3} l={l3}
m10 z z vss vss nmos w={w10} l={l7}
m1a n1 n3 ta vss nmos w={w1} l={l1}
m2a p1 p3 ta vss nmos w={w1} l={l1}
m3a n1 n1 vdd vdd pmos w={w3} l={l3}
m4a n1 ctrl vdd vdd pmos w={w3} l={l3}
m5a p1 ctrl vdd vdd pmos w={w3} l={l3}
m6a p1 p1 vdd vdd pmos w={w3} l={l3}
m7a ta z vss vss nmos w={w7} l={l7}
m1b n2 p1 tb vss nmos w={w1} l={l1}
m2b p2 n1 tb vss nmos w={w1} l={l1}
m3b n2 n2 vdd vdd pmos w={w3} l={l3}
m4b n2 ctrl vdd vdd pmos w={w3} l={l3}
m5b p2 ctrl vdd vdd pmos w={w3} l={l3}
m6b p2 p2 vdd vdd pmos w={w3} l={l3}
m7b tb z vss vss nmos w={w7} l={l7}
m1c n3 p2 tc vss nmos w={w1} l={l1}
m2c p3 n2 tc vss nmos w={w1} l={l1}
m3c n3 n3 vdd vdd pmos w={w3} l={l3}
m4c n3 ctrl vdd vdd pmos w={w3} l={l3}
m5c p3 ctrl vdd vdd pmos w={w3} l={l3}
m6c p3 p3 vdd vdd pmos w={w3} l={l3}
m7c tc z vss vss nmos w={w7} l={l7}
m1d outn p3 td vss nmos w={w1} l={l1}
m2d outp n3 td vss nmos w={w1} l={l1}
m3d outn outn vdd vdd pmos w={w3} l={l3}
m4d outn ctrl vdd vdd pmos w={w3} l={l3}
m5d outp ctrl vdd vdd pmos w={w3} l={l3}
m6d outp outp vdd vdd pmos w={w3} l={l3}
m7d td z vss vss nmos w={w7} l={l7}
.ends differential_ring_vco
