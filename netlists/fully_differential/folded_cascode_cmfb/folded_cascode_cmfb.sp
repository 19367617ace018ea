* Fully differential folded-cascode op-amp, NMOS input pair, common-mode feedback by two differential pairs
* Topology: P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits", 5th ed. 2009, sections 6.6 and 12.5.
* m1 m2 input pair, m0 its tail; m3 m4 current sources that the feedback controls, m5 m6 cascodes; m7 m8 cascodes,
* m9 m10 sinks. mc1 .. mc4 compare each output with vocm, mt1 mt2 their tails; md1 diode that sets the current of m3 m4,
* md2 its twin for the other half. mb1 bias diode; mb2 mb3 gate of the p cascodes; mb4 .. mb7 gate of the n cascodes.
.subckt folded_cascode_cmfb inp inn outp outn vocm vdd vss
+ w1=20u l1=0.5u w3=20u wd=10u l3=0.5u w5=20u w7=10u l5=0.3u wb=5u lb=1u k0=2 k9=1 kt=1 wc=5u lc=1u wpc=2u wnc=1u ib=10u
*@ w1 = 2u..200u log step 10n
*@ l1 = 0.15u..2u log step 10n
*@ w3 = 2u..100u log step 10n
*@ wd = 2u..100u log step 10n
*@ l3 = 0.2u..4u log step 10n
*@ w5 = 2u..100u log step 10n
*@ w7 = 1u..100u log step 10n
*@ l5 = 0.15u..2u log step 10n
*@ wb = 2u..40u log step 10n
*@ lb = 0.3u..4u log step 10n
*@ k0 = 0.5..8 log
*@ k9 = 0.25..4 log
*@ kt = 0.25..4 log
*@ wc = 1u..40u log step 10n
*@ lc = 0.3u..4u log step 10n
*@ wpc = 0.5u..20u log step 10n
*@ wnc = 0.5u..20u log step 10n
*@ ib = 2u..50u log
m0 tail nb vss vss nmos w={k0*wb} l={lb}
m1 f1 inp tail vss nmos w={w1} l={l1}
m2 f2 inn tail vss nmos w={w1} l={l1}
m3 f1 ctl vdd vdd pmos w={w3} l={l3}
m4 f2 ctl vdd vdd pmos w={w3} l={l3}
m5 outn pc f1 vdd pmos w={w5} l={l5}
m6 outp pc f2 vdd pmos w={w5} l={l5}
m7 outn nc s1 vss nmos w={w7} l={l5}
m8 outp nc s2 vss nmos w={w7} l={l5}
m9 s1 nb vss vss nmos w={k9*wb} l={lb}
m10 s2 nb vss vss nmos w={k9*wb} l={lb}
mc1 other outp t1 vss nmos w={wc} l={lc}
mc2 ctl vocm t1 vss nmos w={wc} l={lc}
mc3 ctl vocm t2 vss nmos w={wc} l={lc}
mc4 other outn t2 vss nmos w={wc} l={lc}
mt1 t1 nb vss vss nmos w={kt*wb} l={lb}
mt2 t2 nb vss vss nmos w={kt*wb} l={lb}
md1 ctl ctl vdd vdd pmos w={wd} l={l3}
md2 other other vdd vdd pmos w={wd} l={l3}
mb1 nb nb vss vss nmos w={wb} l={lb}
mb2 pc nb vss vss nmos w={wb} l={lb}
mb3 pc pc vdd vdd pmos w={wpc} l={l3}
mb4 pm nb vss vss nmos w={wb} l={lb}
mb5 pm pm vdd vdd pmos w={wd} l={l3}
mb6 nc pm vdd vdd pmos w={wd} l={l3}
mb7 nc nc vss vss nmos w={wnc} l={lb}
ib vdd nb dc {ib}
.ends folded_cascode_cmfb
