* Double-tail latch: an input stage and a latch with a tail each
* Topology: D. Schinkel, E. Mensink, E. Klumperink, E. van Tuijl, B. Nauta, "A double-tail latch-type voltage sense
* amplifier with 18 ps setup+hold time", ISSCC 2007, figure 17.7.1.
* m1 m2 input pair, m3 its tail, m4 m5 precharge its outputs fp fn; m6 m7 pass the difference to the latch and reset it,
* m8 m9 NMOS and m10 m11 PMOS cross-coupled, m12 tail of the latch; m13 m14 invert the clock for it.
.subckt double_tail inp inn clk outp outn vdd vss
+ w1=6u l1=0.15u w3=4u w4=2u w6=3u w8=2u w10=4u l8=0.15u w12=12u w13=2u l3=0.15u
*@ w1 = 0.5u..60u log step 10n
*@ l1 = 0.15u..1u log step 10n
*@ w3 = 0.5u..40u log step 10n
*@ l3 = 0.15u..0.5u log step 10n
*@ w4 = 0.5u..40u log step 10n
*@ w6 = 0.5u..40u log step 10n
*@ w8 = 0.5u..40u log step 10n
*@ w10 = 0.5u..40u log step 10n
*@ l8 = 0.15u..1u log step 10n
*@ w12 = 0.5u..60u log step 10n
*@ w13 = 0.5u..20u log step 10n
m1 fp inp tail vss nmos w={w1} l={l1}
m2 fn inn tail vss nmos w={w1} l={l1}
m3 tail clk vss vss nmos w={w3} l={l3}
m4 fp clk vdd vdd pmos w={w4} l={l3}
m5 fn clk vdd vdd pmos w={w4} l={l3}
m6 outp fp vss vss nmos w={w6} l={l3}
m7 outn fn vss vss nmos w={w6} l={l3}
m8 outp outn vss vss nmos w={w8} l={l8}
m9 outn outp vss vss nmos w={w8} l={l8}
m10 outp outn top vdd pmos w={w10} l={l8}
m11 outn outp top vdd pmos w={w10} l={l8}
m12 top clkb vdd vdd pmos w={w12} l={l3}
m13 clkb clk vss vss nmos w={w13} l={l3}
m14 clkb clk vdd vdd pmos w={2*w13} l={l3}
.ends double_tail
