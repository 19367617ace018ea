* Three-stage transimpedance amplifier without feedback: common gate, common source, follower
* Topology: B. Razavi, "Design of Integrated Circuits for Optical Communications", 2nd ed. 2012, section 4.2 (common
* gate); stages as in the half circuit of the three-stage amplifier that H. Wang et al., "Learning to Design
* Circuits", 2018, size.
* m1 common gate with the load r1, m2 its sink; m3 common source with the load r2; m4 follower, m5 its sink;
* rb m6 m7 bias.
.subckt three_stage_tia in out vdd vss
+ w1=40u l1=0.18u w2=40u l2=0.5u w3=4u l3=0.18u w4=10u l4=0.18u w5=20u r1=12k r2=3k rb=20k
*@ w1 = 2u..100u log step 10n
*@ l1 = 0.18u..2u log step 10n
*@ w2 = 2u..100u log step 10n
*@ l2 = 0.18u..4u log step 10n
*@ w3 = 1u..100u log step 10n
*@ l3 = 0.18u..2u log step 10n
*@ w4 = 1u..100u log step 10n
*@ l4 = 0.18u..2u log step 10n
*@ w5 = 1u..100u log step 10n
*@ r1 = 500..50k log
*@ r2 = 500..50k log
*@ rb = 2k..200k log
m1 x b in vss nmos w={w1} l={l1}
m2 in n vss vss nmos w={w2} l={l2}
r1 vdd x {r1}
m3 y x vss vss nmos w={w3} l={l3}
r2 vdd y {r2}
m4 vdd y out vss nmos w={w4} l={l4}
m5 out n vss vss nmos w={w5} l={l2}
rb vdd b {rb}
m6 b b n vss nmos w={w1/4} l={l1}
m7 n n vss vss nmos w={w2/4} l={l2}
.ends three_stage_tia
