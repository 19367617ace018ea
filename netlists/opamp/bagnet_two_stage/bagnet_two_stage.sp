* Two-stage Miller op-amp of BagNet, sized in units of 0.5 um by 90 nm
* Topology and ranges: K. Hakhamaneshi et al., "BagNet: Berkeley analog generator with layout optimizer boosted with
* deep neural networks", ICCAD 2019; the circuit itself is the two-stage op-amp of Gray and Meyer, IEEE JSSC 17(6), 1982,
* without a nulling resistor.
* m1 m2 input pair, m3 m4 mirror load, m5 tail, m6 second stage, m7 its load, m8 bias diode, cc compensation.
* Every transistor is a number of units in parallel: mn1 (m1 m2), mp1 (m3 m4), mn3 (m5), mp3 (m6), mn5 (m7), mn4 (m8).
.subckt bagnet_two_stage inp inn out vdd vss
+ mp1=3 mn1=12 mp3=78 mn3=2 mn4=5 mn5=25 cc=1.5p ib=30u w=0.5u l=90n
*@ mp1 = 1..99 log step 1
*@ mn1 = 1..99 log step 1
*@ mp3 = 1..99 log step 1
*@ mn3 = 1..99 log step 1
*@ mn4 = 1..99 log step 1
*@ mn5 = 1..99 log step 1
*@ cc = 0.1p..9.9p log step 0.1p
m1 x inn tail tail nmos w={w} l={l} m={mn1}
m2 y inp tail tail nmos w={w} l={l} m={mn1}
m3 x x vdd vdd pmos w={w} l={l} m={mp1}
m4 y x vdd vdd pmos w={w} l={l} m={mp1}
m5 tail bias vss vss nmos w={w} l={l} m={mn3}
m6 out y vdd vdd pmos w={w} l={l} m={mp3}
m7 out bias vss vss nmos w={w} l={l} m={mn5}
m8 bias bias vss vss nmos w={w} l={l} m={mn4}
ib vdd bias dc {ib}
cc y out {cc}
.ends bagnet_two_stage
