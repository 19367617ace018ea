* Gm-C low-pass of second order of four transconductors that are inverters, differential
* Topology: B. Nauta, "A CMOS transconductance-C filter technique for very high frequencies", IEEE JSSC 27(2), 1992.
* xg1 input, xg2 second integrator, xg3 feedback, xg4 damping; xc1 xc2 hold the common mode of xp xn and outp outn:
* inverters on themselves load it, crossed ones cancel that load for the differential signal.
* s1 to s4: widths of the transconductors as factors of one inverter of wn, wp; k of the common-mode inverters.
.subckt inverter in out vdd vss wn=1u wp=3u l=0.5u
mn out in vss vss nmos w={wn} l={l}
mp out in vdd vdd pmos w={wp} l={l}
.ends inverter
.subckt transconductor inp inn outp outn vdd vss wn=1u wp=3u l=0.5u
x1 inp outn vdd vss inverter wn={wn} wp={wp} l={l}
x2 inn outp vdd vss inverter wn={wn} wp={wp} l={l}
.ends transconductor
.subckt common_mode p n vdd vss wn=1u wp=3u l=0.5u wx=1u wy=3u
x1 p p vdd vss inverter wn={wn} wp={wp} l={l}
x2 n n vdd vss inverter wn={wn} wp={wp} l={l}
x3 p n vdd vss inverter wn={wx} wp={wy} l={l}
x4 n p vdd vss inverter wn={wx} wp={wy} l={l}
.ends common_mode
.subckt gm_c_filter inp inn outp outn vdd vss
+ wn=2.5u ratio=7 l=0.5u s1=1 s2=1 s3=1 s4=1.4 k=1 d=1 c1=1p c2=1p
*@ wn = 2u..6u log step 10n
*@ ratio = 2..8 log
*@ l = 0.15u..2u log step 10n
*@ s1 = 0.5..2 log
*@ s2 = 0.5..2 log
*@ s3 = 0.5..2 log
*@ s4 = 0.5..2 log
*@ k = 0.4..1.4 log
*@ d = 0.6..1.4 log
*@ c1 = 0.1p..5p log
*@ c2 = 0.1p..5p log
xg1 inp inn xp xn vdd vss transconductor wn={s1*wn} wp={s1*ratio*wn} l={l}
xg2 xp xn outp outn vdd vss transconductor wn={s2*wn} wp={s2*ratio*wn} l={l}
xg3 outn outp xp xn vdd vss transconductor wn={s3*wn} wp={s3*ratio*wn} l={l}
xg4 outn outp outp outn vdd vss transconductor wn={s4*wn} wp={s4*ratio*wn} l={l}
xc1 xp xn vdd vss common_mode wn={k*wn} wp={k*ratio*wn} l={l} wx={d*k*wn} wy={d*k*ratio*wn}
xc2 outp outn vdd vss common_mode wn={k*wn} wp={k*ratio*wn} l={l} wx={d*k*wn} wy={d*k*ratio*wn}
c1 xp xn {c1}
c2 outp outn {c2}
.ends gm_c_filter
