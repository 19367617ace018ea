* Current-starved VCO of five inverters, with a degenerated voltage-to-current converter and a buffer
* Topology: R. J. Baker, "CMOS Circuit Design, Layout, and Simulation", 3rd ed. 2010, section 19.2.1.
* m1 rs turn the control voltage into a current, m2 m3 m4 mirror it; m5x m6x starve the inverters m7x m8x; m9 m10 buffer.
.subckt current_starved_vco out ctrl vdd vss
+ w1=4u l1=0.5u rs=5k w2=4u l2=0.5u w4=2u l4=0.5u w5=1.5u w6=3u w7=1u w8=2.5u l7=0.28u w9=1u w10=2.5u
*@ w1 = 0.42u..40u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ rs = 1k..100k log
*@ w2 = 0.42u..40u log step 10n
*@ l2 = 0.15u..2u log step 10n
*@ w4 = 0.42u..20u log step 10n
*@ l4 = 0.15u..2u log step 10n
*@ w5 = 0.42u..20u log step 10n
*@ w6 = 0.42u..40u log step 10n
*@ w7 = 0.42u..20u log step 10n
*@ w8 = 0.42u..40u log step 10n
*@ l7 = 0.15u..2u log step 10n
*@ w9 = 0.42u..10u log step 10n
*@ w10 = 0.42u..20u log step 10n
m1 x ctrl s vss nmos w={w1} l={l1}
rs s vss {rs}
m2 x x vdd vdd pmos w={w2} l={l2}
m3 y x vdd vdd pmos w={w2} l={l2}
m4 y y vss vss nmos w={w4} l={l4}
m5a sa y vss vss nmos w={w5} l={l4}
m6a da x vdd vdd pmos w={w6} l={l2}
m7a n1 n5 sa vss nmos w={w7} l={l7}
m8a n1 n5 da vdd pmos w={w8} l={l7}
m5b sb y vss vss nmos w={w5} l={l4}
m6b db x vdd vdd pmos w={w6} l={l2}
m7b n2 n1 sb vss nmos w={w7} l={l7}
m8b n2 n1 db vdd pmos w={w8} l={l7}
m5c sc y vss vss nmos w={w5} l={l4}
m6c dc x vdd vdd pmos w={w6} l={l2}
m7c n3 n2 sc vss nmos w={w7} l={l7}
m8c n3 n2 dc vdd pmos w={w8} l={l7}
m5d sd y vss vss nmos w={w5} l={l4}
m6d dd x vdd vdd pmos w={w6} l={l2}
m7d n4 n3 sd vss nmos w={w7} l={l7}
m8d n4 n3 dd vdd pmos w={w8} l={l7}
m5e se y vss vss nmos w={w5} l={l4}
m6e de x vdd vdd pmos w={w6} l={l2}
m7e n5 n4 se vss nmos w={w7} l={l7}
m8e n5 n4 de vdd pmos w={w8} l={l7}
m9a b n5 vss vss nmos w={w9} l=0.3u
m10a b n5 vdd vdd pmos w={w10} l=0.3u
m9b out b vss vss nmos w={w9} l=0.3u m=2
m10b out b vdd vdd pmos w={w10} l=0.3u m=2
.ends current_starved_vco
