* Sallen-Key low-pass of second order around a two-stage op-amp that is connected as a follower
* Topology: R. P. Sallen, E. L. Key, "A practical method of designing RC active filters", IRE Trans. CT-2, 1955.
* Op-amp: P. R. Gray, R. G. Meyer, "MOS operational amplifier design: a tutorial overview", IEEE JSSC 17(6), 1982.
* r1 r2 c1 c2 the filter; m1 m2 input pair, m3 m4 mirror load, m5 tail, m6 second stage, m7 its load, m8 bias diode,
* rz cc compensation.
.subckt sallen_key in out vdd vss
+ r1=50k r2=50k c1=4.6p c2=2.2p
+ w1=20u l1=0.5u w3=10u l3=0.5u w5=10u l5=1u w6=40u l6=0.3u w7=20u ib=10u rz=2k cc=1p
*@ r1 = 10k..200k log
*@ r2 = 10k..200k log
*@ c1 = 0.5p..20p log
*@ c2 = 0.5p..20p log
*@ w1 = 1u..100u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ w3 = 1u..100u log step 10n
*@ l3 = 0.15u..2u log step 10n
*@ w5 = 1u..100u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ w6 = 1u..200u log step 10n
*@ l6 = 0.15u..2u log step 10n
*@ w7 = 1u..200u log step 10n
*@ ib = 1u..50u log
*@ rz = 100..100k log
*@ cc = 0.1p..5p log
r1 in a {r1}
r2 a b {r2}
c1 a out {c1}
c2 b vss {c2}
m1 x out tail vss nmos w={w1} l={l1}
m2 y b tail vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w3} l={l3}
m4 y x vdd vdd pmos w={w3} l={l3}
m5 tail bias vss vss nmos w={w5} l={l5}
m6 out y vdd vdd pmos w={w6} l={l6}
m7 out bias vss vss nmos w={w7} l={l5}
m8 bias bias vss vss nmos w={w5} l={l5}
ib vdd bias dc {ib}
rz y z {rz}
cc z out {cc}
.ends sallen_key
