* Gain-boosted folded-cascode operational transconductance amplifier, PMOS input pair, single-ended auxiliary amplifiers
* Topology: K. Bult, G. J. G. M. Geelen, "A fast-settling CMOS op amp for SC circuits with 90-dB DC gain", IEEE JSSC
* 25(6), 1990.
* m1 m2 input pair, m3 m4 current sources into which it folds, m5 m6 NMOS cascodes, m7 m8 cascodes of the mirror
* m9 m10, m11 tail. Cascodes of low threshold leave the auxiliaries their room. xa5 xa6 (PMOS input) hold the sources
* of m5 m6 at rn, xa7 xa8 (NMOS input) those of m7 m8 at rp.
* m12 bias diode, m13 m14 turn its current round; m15 m16 and m17 m18 make the gate voltages cn and cp of plain cascodes,
* from which the replicas m19 m20 m21 and m22 m23 m24 take the references rn and rp.
.subckt gain_boosted_ota inp inn out vdd vss
+ w1=34.1u l1=0.32u w3=2.79u l3=0.46u w5=0.64u l5=2.05u w7=1.64u w9=2.79u l9=0.68u wa=9.88u la=2.34u n=8 u=10 ib=2.36u
*@ w1 = 1u..200u log step 10n
*@ l1 = 0.15u..3u log step 10n
*@ w3 = 0.5u..20u log step 10n
*@ l3 = 0.15u..3u log step 10n
*@ w5 = 0.5u..10u log step 10n
*@ l5 = 0.35u..3u log step 10n
*@ w7 = 0.5u..10u log step 10n
*@ w9 = 0.5u..20u log step 10n
*@ l9 = 0.15u..3u log step 10n
*@ wa = 0.5u..50u log step 10n
*@ la = 0.35u..3u log step 10n
*@ n = 1..10 step 1
*@ u = 2..10 step 1
*@ ib = 1u..20u log
m1 x1 inp tail vdd pmos w={w1} l={l1}
m2 x2 inn tail vdd pmos w={w1} l={l1}
m3 x1 bn vss vss nmos w={w3} l={l3} m={2*n}
m4 x2 bn vss vss nmos w={w3} l={l3} m={2*n}
m5 y g5 x1 vss nmos_lvt w={w5} l={l5} m={u*n}
m6 out g6 x2 vss nmos_lvt w={w5} l={l5} m={u*n}
m7 y g7 z1 vdd pmos_lvt w={w7} l={l5} m={u*n}
m8 out g8 z2 vdd pmos_lvt w={w7} l={l5} m={u*n}
m9 z1 y vdd vdd pmos w={w9} l={l9} m={n}
m10 z2 y vdd vdd pmos w={w9} l={l9} m={n}
m11 tail bp vdd vdd pmos w={w9} l={l9} m={2*n}
xa5 rn x1 g5 bp vdd vss boost_n wp={wa} lp={la} wt={w9} lt={l9}
xa6 rn x2 g6 bp vdd vss boost_n wp={wa} lp={la} wt={w9} lt={l9}
xa7 rp z1 g7 bn vdd vss boost_p wp={wa} lp={la} wt={w3} lt={l3}
xa8 rp z2 g8 bn vdd vss boost_p wp={wa} lp={la} wt={w3} lt={l3}
m12 bn bn vss vss nmos w={w3} l={l3}
m13 bp bn vss vss nmos w={w3} l={l3}
m14 bp bp vdd vdd pmos w={w9} l={l9}
m15 cn bp vdd vdd pmos w={w9} l={l9}
m16 cn cn vss vss nmos_lvt w={w5} l={l5}
m17 cp bn vss vss nmos w={w3} l={l3}
m18 cp cp vdd vdd pmos_lvt w={w7} l={l5}
m19 dp dp vdd vdd pmos w={w9} l={l9}
m20 dp cn rn vss nmos_lvt w={w5} l={l5} m={u}
m21 rn bn vss vss nmos w={w3} l={l3}
m22 rp bp vdd vdd pmos w={w9} l={l9}
m23 dn cp rp vdd pmos_lvt w={w7} l={l5} m={u}
m24 dn dn vss vss nmos w={w3} l={l3}
ib vdd bn dc {ib}
.ends gain_boosted_ota

* Auxiliary amplifier of an NMOS cascode: its inputs rest near vss
.subckt boost_n inp inn out bp vdd vss wp=3u lp=0.5u wt=20u lt=0.5u
m1 a inp tail vdd pmos w={wp} l={lp}
m2 out inn tail vdd pmos w={wp} l={lp}
m3 a a vss vss nmos w={wp} l={lp}
m4 out a vss vss nmos w={wp} l={lp}
m5 tail bp vdd vdd pmos w={wt} l={lt}
.ends boost_n

* Auxiliary amplifier of a PMOS cascode: its inputs rest near vdd
.subckt boost_p inp inn out bn vdd vss wp=3u lp=0.5u wt=3u lt=0.5u
m1 a inp tail vss nmos w={wp} l={lp}
m2 out inn tail vss nmos w={wp} l={lp}
m3 a a vdd vdd pmos_lvt w={wp} l={lp}
m4 out a vdd vdd pmos_lvt w={wp} l={lp}
m5 tail bn vss vss nmos w={wt} l={lt}
.ends boost_p
