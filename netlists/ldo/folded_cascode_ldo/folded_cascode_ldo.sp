* Capacitor-less low-dropout regulator: folded-cascode error amplifier, PMOS pass device, cascode compensation
* Topology: P. R. Gray, R. G. Meyer, "MOS operational amplifier design: a tutorial overview", IEEE JSSC 17(6), 1982 (amplifier);
* B. K. Ahuja, "An improved frequency compensation technique for CMOS operational amplifiers", IEEE JSSC 18(6), 1983 (cc).
* m1 m2 input pair, m3 m4 current sources, m5 m6 cascodes, m7 m8 mirror with cascodes m9 m10, m11 tail, m12 pass device;
* m13 bias diode, m14 m15 current sources' bias, m16 m17 bias of the PMOS cascodes, m18 m19 of the NMOS ones; rd divider.
.subckt folded_cascode_ldo vin vref sense out vss
+ w1=40u l1=0.5u w3=40u l3=0.5u w5=20u l5=0.3u w7=10u l7=1u w9=10u wb=5u lb=1u wp=60u ib=5u rd=50k cc=2p k=2
*@ w1 = 2u..200u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ w3 = 2u..100u log step 10n
*@ l3 = 0.3u..2u log step 10n
*@ w5 = 10u..100u log step 10n
*@ l5 = 0.15u..1u log step 10n
*@ w7 = 1u..50u log step 10n
*@ l7 = 0.3u..2u log step 10n
*@ w9 = 10u..100u log step 10n
*@ wb = 2u..20u log step 10n
*@ lb = 0.3u..2u log step 10n
*@ wp = 10u..180u log step 10n
*@ ib = 1u..20u log
*@ k = 1..5 log
*@ rd = 10k..400k log
*@ cc = 0.2p..20p log
m1 p fb tail vss nmos w={w1} l={l1}
m2 n vref tail vss nmos w={w1} l={l1}
m3 n bp vin vin pmos w={w3} l={l3}
m4 p bp vin vin pmos w={w3} l={l3}
m5 gate cp n vin pmos w={w5} l={l5}
m6 y cp p vin pmos w={w5} l={l5}
m9 gate cn a vss nmos w={w9} l={l5}
m10 y cn b vss nmos w={w9} l={l5}
m7 a y vss vss nmos w={w7} l={l7}
m8 b y vss vss nmos w={w7} l={l7}
m11 tail bias vss vss nmos w={wb} l={lb} m=2
m12 out gate vin vin pmos w={wp} l=0.15u m=40
m13 bias bias vss vss nmos w={wb} l={lb}
m14 bp bias vss vss nmos w={wb} l={lb} m=2
m15 bp bp vin vin pmos w={w3} l={l3}
m16 cp bias vss vss nmos w={wb} l={lb}
m17 cp cp vin vin pmos w={w5/(4*k)} l={l5}
m18 cn bp vin vin pmos w={w3/2} l={l3}
m19 cn cn vss vss nmos w={w9/(4*k)} l={l5}
r1 sense fb {rd}
r2 fb vss {4*rd}
cc out n {cc}
ib vin bias dc {ib}
.ends folded_cascode_ldo
