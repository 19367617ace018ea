* StrongARM latch with four precharge switches
* Topology: B. Razavi, "The StrongARM Latch", IEEE Solid-State Circuits Magazine 7(2), 2015, figure 1; first in
* T. Kobayashi et al., "A current-controlled latch sense amplifier", IEEE JSSC 28(4), 1993.
* m1 m2 input pair, m7 clocked tail, m3 m4 NMOS and m5 m6 PMOS cross-coupled, m8 m9 precharge the outputs,
* m10 m11 the drains of the pair.
.subckt strongarm inp inn clk outp outn vdd vss
+ w1=8u l1=0.15u w3=4u w5=2u l3=0.15u w7=8u w8=2u w10=1u l7=0.15u
*@ w1 = 0.5u..60u log step 10n
*@ l1 = 0.15u..1u log step 10n
*@ w3 = 0.5u..40u log step 10n
*@ w5 = 0.5u..40u log step 10n
*@ l3 = 0.15u..1u log step 10n
*@ w7 = 0.5u..60u log step 10n
*@ l7 = 0.15u..0.5u log step 10n
*@ w8 = 0.5u..20u log step 10n
*@ w10 = 0.5u..20u log step 10n
m1 p inp tail vss nmos w={w1} l={l1}
m2 q inn tail vss nmos w={w1} l={l1}
m7 tail clk vss vss nmos w={w7} l={l7}
m3 outn outp p vss nmos w={w3} l={l3}
m4 outp outn q vss nmos w={w3} l={l3}
m5 outn outp vdd vdd pmos w={w5} l={l3}
m6 outp outn vdd vdd pmos w={w5} l={l3}
m8 outn clk vdd vdd pmos w={w8} l={l7}
m9 outp clk vdd vdd pmos w={w8} l={l7}
m10 p clk vdd vdd pmos w={w10} l={l7}
m11 q clk vdd vdd pmos w={w10} l={l7}
.ends strongarm
