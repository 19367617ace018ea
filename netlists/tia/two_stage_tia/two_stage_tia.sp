* Two-stage transimpedance amplifier: common source and follower in shunt feedback
* Topology: B. Razavi, "Design of Integrated Circuits for Optical Communications", 2nd ed. 2012, section 4.3
* (feedback amplifiers). Sized as one of two transimpedance amplifiers, with other details, by H. Wang et al.,
* "Learning to Design Circuits", 2018.
* m1 common source, m2 its load, m3 follower, m4 its sink, rf feedback; rb m5 bias, m6 m7 bias of the load.
.subckt two_stage_tia in out vdd vss w1=60u l1=0.18u w2=120u l2=0.18u w3=60u l3=0.18u w4=20u l4=0.3u rb=10k rf=1.5k
*@ w1 = 2u..200u log step 10n
*@ l1 = 0.18u..2u log step 10n
*@ w2 = 2u..200u log step 10n
*@ l2 = 0.18u..2u log step 10n
*@ w3 = 2u..200u log step 10n
*@ l3 = 0.18u..2u log step 10n
*@ w4 = 2u..100u log step 10n
*@ l4 = 0.18u..2u log step 10n
*@ rb = 200..50k log
*@ rf = 100..20k log
m1 x in vss vss nmos w={w1} l={l1}
m2 x p vdd vdd pmos w={w2} l={l2}
m3 vdd x out vss nmos w={w3} l={l3}
m4 out n vss vss nmos w={w4} l={l4}
rf out in {rf}
rb vdd n {rb}
m5 n n vss vss nmos w={w4/4} l={l4}
m6 p n vss vss nmos w={w4/4} l={l4}
m7 p p vdd vdd pmos w={w2/4} l={l2}
.ends two_stage_tia
