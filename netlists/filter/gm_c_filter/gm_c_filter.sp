* Gm-C low-pass of second order of four transconductors that are inverters, differential
* Topology: B. Nauta, "A CMOS transconductance-C filter technique for very high frequencies", IEEE JSSC 27(2), 1992.
* xg1 input, xg2 second integrator, xg3 feedback, xg4 damping; xc1 xc2 hold the common mode of ap an and outp outn:
* inverters on themselves load it, crossed ones cancel that load for the differential signal.
* s1 (input and feedback), s2, s3 (damping): widths of the transconductors as factors of one inverter of wn and
* ratio wn; k of the common-mode inverters, d of the crossed ones by those.
.subckt inverter in out vdd vss gn=1u gp=3u gl=0.5u
mn out in vss vss nmos w={gn} l={gl}
mp out in vdd vdd pmos w={gp} l={gl}
.ends inverter
.subckt transconductor inp inn outp outn vdd vss tn=1u tp=3u tl=0.5u
x1 inp outn vdd vss inverter gn={tn} gp={tp} gl={tl}
x2 inn outp vdd vss inverter gn={tn} gp={tp} gl={tl}
.ends transconductor
.subckt common_mode p n vdd vss cn=1u cp=3u xn=1u xp=3u cl=0.5u
x1 p p vdd vss inverter gn={cn} gp={cp} gl={cl}
x2 n n vdd vss inverter gn={cn} gp={cp} gl={cl}
x3 p n vdd vss inverter gn={xn} gp={xp} gl={cl}
x4 n p vdd vss inverter gn={xn} gp={xp} gl={cl}
.ends common_mode
.subckt gm_c_filter inp inn outp outn vdd vss
+ wn=2.4u ratio=3.6 l=0.7u s1=1.1 s2=0.85 s3=1 k=1 d=0.73 c1=1p c2=0.65p
*@ wn = 2u..6u log step 10n
*@ ratio = 2..8 log
*@ l = 0.15u..2u log step 10n
*@ s1 = 0.5..2 log
*@ s2 = 0.5..2 log
*@ s3 = 0.5..2 log
*@ k = 0.4..1.4 log
*@ d = 0.6..1.4 log
*@ c1 = 0.1p..5p log
*@ c2 = 0.1p..5p log
xg1 inp inn ap an vdd vss transconductor tn={s1*wn} tp={s1*ratio*wn} tl={l}
xg2 ap an outp outn vdd vss transconductor tn={s2*wn} tp={s2*ratio*wn} tl={l}
xg3 outn outp ap an vdd vss transconductor tn={s1*wn} tp={s1*ratio*wn} tl={l}
xg4 outn outp outp outn vdd vss transconductor tn={s3*wn} tp={s3*ratio*wn} tl={l}
xc1 ap an vdd vss common_mode cn={k*wn} cp={k*ratio*wn} xn={d*k*wn} xp={d*k*ratio*wn} cl={l}
xc2 outp outn vdd vss common_mode cn={k*wn} cp={k*ratio*wn} xn={d*k*wn} xp={d*k*ratio*wn} cl={l}
c1 ap an {c1}
c2 outp outn {c2}
.ends gm_c_filter
