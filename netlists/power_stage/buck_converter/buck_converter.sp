* Synchronous buck converter: switches, inductor with its resistance, output and damping capacitors
* Topology: R. W. Erickson, D. Maksimovic, "Fundamentals of Power Electronics", 3rd ed. 2020, chapter 2.
* s1 high side, on while the clock is high, s2 low side; igate what
* their drivers take to charge 4 nF/m of gate to 5 V with the frequency fsw; lout rout the inductor; cout resr the
* ceramic output capacitor, cbulk rd the damping branch. wh wl: widths of the switches, 2 mOhm m each.
* The resistance of the inductor follows from its inductance, that of the capacitor from its capacitance.
.subckt buck_converter vin clk out vss wh=6m wl=11m ind=1.6u cap=0.8u cbulk=3u rd=1 vout=1.8 iout=0.3 fsw=5meg
*@ wh = 1m..100m log
*@ wl = 1m..100m log
*@ ind = 0.1u..10u log
*@ cap = 0.05u..2u log
*@ cbulk = 0.1u..4u log
*@ rd = 10m..10 log
s1 vin sw clk vss high
s2 sw vss vss clk low
.model high sw vt=2.5 vh=0 ron={2m/wh} roff=1meg
.model low sw vt=-2.5 vh=0 ron={2m/wl} roff=1meg
igate vin vss dc {4n*(wh+wl)*5*fsw}
lout sw x {ind} ic={iout-(5-vout)*0.38/(2*ind*fsw)}
rout x out {0.05e6*ind}
cout out y {cap} ic={vout}
resr y vss {10n/cap}
cbulk out z {cbulk} ic={vout}
rd z vss {rd}
.ends buck_converter
