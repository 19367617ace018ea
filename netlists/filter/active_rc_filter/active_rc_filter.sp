* Active RC low-pass of third order: an inverting stage with one pole, then a Tow-Thomas biquad
* Topology: J. Tow, "Active RC filters - a state-space realization", Proc. IEEE 56(6), 1968; L. C. Thomas, "The biquad:
* Part I", IEEE Trans. Circuit Theory 18(3), 1971.
* xa1 with ra rb ca the first pole; xa2 with r1 r2 r4 c1 lossy integrator, xa3 with r3 c2 integrator, xa4 with r5 r6
* inverter. The op-amps are behavioural: one pole, a soft output limit, noise and supply current as of an input pair with
* the transconductance that the gain-bandwidth product gbw (Hz) needs with 1 pF.
.subckt amplifier inn out mid vdd vss gbw=100meg gain=3000
rn mid p {0.2122/gbw*1e12}
g1 vss x p inn {6.283e-12*gbw}
rx x mid {gain/(6.283e-12*gbw)}
cx x mid 1p
b1 y mid v=0.8*tanh(v(x,mid)/0.8)
ro y out 200
isup vdd vss dc {1.2566e-12*gbw}
.ends amplifier
.subckt active_rc_filter in out vdd vss
+ ra=30k ca=5.3p r1=30k r2=30k r3=30k c1=5.3p c2=5.3p gbw=100meg rinv=50k
*@ ra = 10k..200k log
*@ ca = 1p..20p log
*@ r1 = 10k..200k log
*@ r2 = 10k..200k log
*@ r3 = 10k..200k log
*@ c1 = 1p..20p log
*@ c2 = 1p..20p log
*@ gbw = 20meg..500meg log
emid mid vss vdd vss 0.5
ra in a {ra}
rb a b {ra}
ca a b {ca}
xa1 a b mid vdd vss amplifier gbw={gbw}
r1 b c {r1}
r2 c d {r2}
c1 c d {c1}
r4 c out {r3}
xa2 c d mid vdd vss amplifier gbw={gbw}
r3 d e {r3}
c2 e f {c2}
xa3 e f mid vdd vss amplifier gbw={gbw}
r5 f g {rinv}
r6 g out {rinv}
xa4 g out mid vdd vss amplifier gbw={gbw}
.ends active_rc_filter
