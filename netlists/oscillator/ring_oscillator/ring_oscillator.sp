* Ring oscillator of five inverters, with a buffer of two
* Topology: J. M. Rabaey, A. Chandrakasan, B. Nikolic, "Digital Integrated Circuits", 2nd ed. 2003, section 1.3.3.
* m1n m1p .. m5n m5p the inverters of the ring, m6n m6p m7n m7p the buffer, whose gate capacitance loads one node.
.subckt ring_oscillator out vdd vss
+ w1=1u l1=0.54u w2=3u l2=0.54u w3=1u w4=3u w5=2u w6=6u l3=0.3u
*@ w1 = 0.42u..20u log step 10n
*@ l1 = 0.2u..2u log step 10n
*@ w2 = 0.42u..40u log step 10n
*@ l2 = 0.2u..2u log step 10n
*@ w3 = 0.42u..20u log step 10n
*@ w4 = 0.42u..40u log step 10n
*@ w5 = 0.42u..20u log step 10n
*@ w6 = 0.42u..40u log step 10n
*@ l3 = 0.15u..1u log step 10n
m1n n1 n5 vss vss nmos w={w1} l={l1}
m1p n1 n5 vdd vdd pmos w={w2} l={l2}
m2n n2 n1 vss vss nmos w={w1} l={l1}
m2p n2 n1 vdd vdd pmos w={w2} l={l2}
m3n n3 n2 vss vss nmos w={w1} l={l1}
m3p n3 n2 vdd vdd pmos w={w2} l={l2}
m4n n4 n3 vss vss nmos w={w1} l={l1}
m4p n4 n3 vdd vdd pmos w={w2} l={l2}
m5n n5 n4 vss vss nmos w={w1} l={l1}
m5p n5 n4 vdd vdd pmos w={w2} l={l2}
m6n b n5 vss vss nmos w={w3} l={l3}
m6p b n5 vdd vdd pmos w={w4} l={l3}
m7n out b vss vss nmos w={w5} l={l3}
m7p out b vdd vdd pmos w={w6} l={l3}
.ends ring_oscillator
