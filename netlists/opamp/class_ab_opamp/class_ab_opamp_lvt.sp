* Rail-to-rail input, class-AB output op-amp with floating (Monticelli) class-AB control, with low-threshold transistors
* Topology: R. Hogervorst, J. P. Tero, R. G. H. Eschauzier, J. H. Huijsing, "A compact power-efficient 3 V CMOS
* rail-to-rail input/output operational amplifier for VLSI cell libraries", IEEE JSSC 29(12), 1994; class-AB control:
* D. M. Monticelli, "A quad CMOS single-supply op amp with rail-to-rail output swing", IEEE JSSC 21(6), 1986.
* m1 m2 NMOS pair with tail m5, m3 m4 PMOS pair in a well of its own with tail m6. Folded summing: current sources m7 m8
* with cascodes m9 m10, mirror m13 m14 with cascodes m11 m12. m15 m16 floating class-AB control, m17 m18 output,
* c1 c2 Miller compensation. Bias: m19 m20 m21 currents, m22 to m25 cascode gates, m26 to m31 class-AB control gates.
* Every current source is a multiple of one unit transistor, NMOS w5 l5 or PMOS w6 l6, that carries ib; the output
* transistors are n times the diodes m28 m31, so they rest at about n times ib.
* Current sources and the mirror have usual thresholds: the mirror's gate leaves its cascodes headroom when it is hot.
.subckt class_ab_opamp inp inn out vdd vss
+ w1=20u w3=40u l1=0.5u w5=5u l5=1u w6=15u l6=1u w9=12u w11=36u l9=0.35u w15=4u w17=2u w18=6u n=5 ib=3u cc=1p
*@ w1 = 2u..100u log step 10n
*@ w3 = 2u..100u log step 10n
*@ l1 = 0.35u..2u log step 10n
*@ w5 = 1u..50u log step 10n
*@ l5 = 0.35u..2u log step 10n
*@ w6 = 1u..50u log step 10n
*@ l6 = 0.35u..2u log step 10n
*@ w9 = 3u..60u log step 10n
*@ w11 = 3u..60u log step 10n
*@ l9 = 0.35u..1u log step 10n
*@ w15 = 1u..30u log step 10n
*@ w17 = 1u..20u log step 10n
*@ w18 = 1u..20u log step 10n
*@ n = 2..40 log step 1
*@ ib = 1u..20u log
*@ cc = 0.1p..5p log
m1 c inn tn vss nmos_lvt w={w1} l={l1}
m2 d inp tn vss nmos_lvt w={w1} l={l1}
m3 a inn tp tp pmos_lvt w={w3} l={l1}
m4 b inp tp tp pmos_lvt w={w3} l={l1}
m5 tn bn vss vss nmos w={w5} l={l5} m=2
m6 tp bp vdd vdd pmos w={w6} l={l6} m=2
m7 a bn vss vss nmos w={w5} l={l5} m=3
m8 b bn vss vss nmos w={w5} l={l5} m=3
m9 e cn a vss nmos_lvt w={w9} l={l9}
m10 gn cn b vss nmos_lvt w={w9} l={l9}
m11 e cp c vdd pmos_lvt w={w11} l={l9}
m12 gp cp d vdd pmos_lvt w={w11} l={l9}
m13 c e vdd vdd pmos w={w6} l={l6} m=3
m14 d e vdd vdd pmos w={w6} l={l6} m=3
m15 gp fn gn vss nmos_lvt w={w15} l={l9}
m16 gn fp gp vdd pmos_lvt w={3*w15} l={l9}
m17 out gn vss vss nmos_lvt w={w17} l={l9} m={n}
m18 out gp vdd vdd pmos_lvt w={w18} l={l9} m={n}
c1 gn out {cc}
c2 gp out {cc}
ib vdd bn dc {ib}
m19 bn bn vss vss nmos w={w5} l={l5}
m20 bp bn vss vss nmos w={w5} l={l5}
m21 bp bp vdd vdd pmos w={w6} l={l6}
m22 cn bp vdd vdd pmos w={w6} l={l6}
m23 cn cn vss vss nmos_lvt w={w9/6} l={4*l9}
m24 cp bn vss vss nmos w={w5} l={l5}
m25 cp cp vdd vdd pmos_lvt w={w11/6} l={4*l9}
m26 fn bp vdd vdd pmos w={w6} l={l6}
m27 fn fn hn vss nmos_lvt w={w15} l={l9}
m28 hn hn vss vss nmos_lvt w={w17} l={l9}
m29 fp bn vss vss nmos w={w5} l={l5}
m30 fp fp hp vdd pmos_lvt w={3*w15} l={l9}
m31 hp hp vdd vdd pmos_lvt w={w18} l={l9}
.ends class_ab_opamp
