* Boost converter: switch, Schottky diode, inductor with its resistance, output and damping capacitors
* Topology: R. W. Erickson, D. Maksimovic, "Fundamentals of Power Electronics", 3rd ed. 2020, chapters 2 and 3.
* s1 the switch, on while the clock is high, igate what its driver takes to
* charge 4 nF/m of gate to 3.3 V with the frequency fsw; d1 the diode; lin rin the inductor; cout resr the ceramic
* output capacitor, cbulk rd the damping branch. w: width of the switch, 2 mOhm m; ad: area of the diode
* as a factor. The resistance of the inductor follows from its inductance, that of the capacitor from its capacitance.
.subckt boost_converter vin clk out vss w=50m ad=1.4 ind=1.8u cap=0.56u cbulk=3.2u rd=0.56 vout=5 iin=0.42 fsw=4meg
*@ w = 1m..100m log
*@ ad = 0.2..20 log
*@ ind = 0.5u..10u log
*@ cap = 0.05u..2u log
*@ cbulk = 0.1u..4u log
*@ rd = 10m..10 log
lin vin x {ind} ic={max(iin-3.3*0.4/(2*ind*fsw),0)}
rin x sw {0.03e6*ind}
s1 sw vss clk vss switch
.model switch sw vt=1 vh=0 ron={2m/w} roff=1meg
igate vin vss dc {4n*w*3.3*fsw}
d1 sw out schottky {ad}
.model schottky d is=1u n=1.05 rs=0.2
cout out y {cap} ic={vout}
resr y vss {10n/cap}
cbulk out z {cbulk} ic={vout}
rd z vss {rd}
.ends boost_converter
