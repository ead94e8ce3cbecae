"""Units as documents write them, and their codes.

Codes are those of UCUM, the Unified Code for Units of Measure, which laboratories and FHIR use. What UCUM
has no unit for, such as things that are counted, stands in braces, as UCUM's annotations do.
"""

from __future__ import annotations


def _table(text: str) -> dict[str, str]:
    """Of "written=code" between commas; where there is no code, it is what is written."""
    entries = (" ".join(entry.split()).partition("=") for entry in text.split(","))
    return {written: code or written for written, _, code in entries}


SYMBOLS = _table(
    """
    kg, g, mg, ng, pg, km, cm, mm, nm, mL, dL, mmol, mol, nmol, pmol, fL, kPa, kW, MW, GW, Hz, kHz, MHz,
    GHz, ms, mOsm, ha, kWh=kW.h, MWh=MW.h, GWh=GW.h, kcal, dB, kV, mcg=ug, µg=ug, μg=ug, ug, Kg=kg, KG=kg,
    kgs=kg, kms=km, gm=g, mgs=mg, MG=mg, µm=um, μm=um, ml=mL, dl=dL, ML=mL, cc=mL, µL=uL, μL=uL, uL, µl=uL,
    L, µmol=umol, μmol=umol, umol, mEq=meq, meq, IU=[IU], mIU=m[IU], µIU=u[IU], μIU=u[IU], uIU=u[IU], U, mU,
    mmHg=mm[Hg], mm Hg=mm[Hg], cmH2O=cm[H2O], psi=[psi], lb=[lb_av], lbs=[lb_av], lbs.=[lb_av], oz=[oz_av],
    ft=[ft_i], ft.=[ft_i], mi=[mi_i], yd=[yd_i], °C=Cel, ° C=Cel, ºC=Cel, °F=[degF], ° F=[degF], ºF=[degF],
    KB=kBy, MB=MBy, GB=GBy, TB=TBy, kbps=kbit/s, Mbps=Mbit/s, Gbps=Gbit/s, BTU=[Btu], MMBtu=M[Btu],
    MMBTU=M[Btu], boe={boe}, bbl=[bbl_us], m²=m2, m2, m³=m3, m3, cm²=cm2, cm2, cm³=cm3, cm3, mm²=mm2,
    mm³=mm3, mm3, km²=km2, sq m=m2, sqm=m2, sq. m=m2, sq ft=[sft_i], sq. ft.=[sft_i], sq. ft=[sft_i],
    sqft=[sft_i], bpm={beats}/min, BPM={beats}/min, bps={basis point}, bp={basis point}, %, mm/h,
    mm/hr=mm/h, kg/m2, kg/m²=kg/m2, min
    """
)
"""Capitals included: "mg" is not "Mg"."""

POWERS = _table(
    """
    3, ³=3, 6, ⁶=6, 9, ⁹=9, 12, ¹²=12
    """
)
"""Of ten, before a stroke: what is counted in thousands and millions for a volume."""

WORDS = _table(
    """
    percentage point={percentage point}, basis point={basis point}, percent=%, per cent=%, kilogram=kg,
    kilogramme=kg, kilo=kg, gram=g, gramme=g, milligram=mg, microgram=ug, nanogram=ng, pound=[lb_av],
    ounce=[oz_av], metric ton=t, tonne=t, ton={ton}, kilometer=km, kilometre=km, meter=m, metre=m,
    centimeter=cm, centimetre=cm, millimeter=mm, millimetre=mm, mile=[mi_i], foot=[ft_i], inch=[in_i],
    yard=[yd_i], acre=[acr_us], hectare=ha, square foot=[sft_i], square meter=m2, square metre=m2, square
    mile=[smi_us], square kilometer=km2, square kilometre=km2, cubic meter=m3, cubic metre=m3, cubic
    foot=[cft_i], cubic yard=[cyd_i], liter=L, litre=L, milliliter=mL, millilitre=mL, gallon=[gal_us],
    barrel=[bbl_us], degree Celsius=Cel, degree Fahrenheit=[degF], degree=deg, kilowatt hour=kW.h, megawatt
    hour=MW.h, kilowatt=kW, megawatt=MW, gigawatt=GW, second=s, millisecond=ms, international unit=[IU],
    beat={beats}, breath={breaths}, drop=[drp], byte=By, megabyte=MBy, gigabyte=GBy, terabyte=TBy,
    calorie=cal
    """
)
"""In the singular, in any case of letters."""

COUNTED = tuple(
    _table("""
    unit, share, option, warrant, security, note, employee, person, individual, user, seat, license,
    licence, copy, page, patient, subject, participant, tablet, capsule, pill, dose, puff, injection, vial,
    ampoule, patch, suppository, site, store, outlet, location, branch, office, country, subscriber,
    customer, client, impression, click, view, transaction, vehicle, aircraft, ship, vessel, car, truck,
    bottle, case, carton, container, box, pallet, piece, item, set, sample, bushel, ticket, game, event,
    member, director, shareholder, stockholder, holder, pack, package, session, visit, cell, bed, room,
    apartment, home, house, lot, parcel, episode, installment, instalment, payment, vote, point, product,
    device, server, computer, line, call, message, email, word, character, article, issue, edition,
    title, film, song, track, book, order, shipment, delivery, test, trial, study, credit, token, machine,
    panel, turbine, well, rig, hotel, restaurant, franchise, student, course, lesson,
    question, step, stair, cigarette, drink, glass, child, pregnancy, finger, toe, nodule, stitch, suture
    """)
)
"""Things that are counted, in the singular: each is its own unit."""

OFTEN = _table(
    """
    hour=h, minute=min, day=d, week=wk, month=mo, time={times}
    """
)
"""Units of time that a number has only together with another, as "40 hours per week"."""

PER = _table(
    """
    year=a, annum=a, month=mo, week=wk, day=d, hour=h, minute=min, second=s, kilogram=kg, liter=L, litre=L,
    square foot=[sft_i], square meter=m2, square metre=m2, share={share}, unit={unit}, person={person},
    patient={patient}, tablet={tablet}, dose={dose}, user={user}, employee={employee}
    """
)
"""Words behind "per" or "a"."""

PER_SYMBOLS = _table(
    """
    L, dL, mL, kg, Kg=kg, g, mg, mmol, mol, min, h, d, s, m2, mm3, l=L, dl=dL, ml=mL, µL=uL, μL=uL, uL, µl=uL,
    ul=uL, hr=h, m²=m2, mm³=mm3, cmm=mm3, day=d, week=wk, wk, month=mo, mo, year=a, yr=a, hour=h,
    minute=min, sec=s, dose={dose}, hpf=[HPF], HPF=[HPF], 1.73 m2={1.73_m2}, 1.73 m²={1.73_m2},
    1.73m2={1.73_m2}, 1.73m²={1.73_m2}, tablet={tablet}, kWh=kW.h, MWh=MW.h, mcL=uL
    """
)
"""Symbols behind a stroke."""

SHOWN = _table(
    """
    [lb_av]=lb, [oz_av]=oz, [ft_i]=ft, [mi_i]=mi, [yd_i]=yd, [in_i]=inches, [IU]=IU, m[IU]=mIU, u[IU]=µIU,
    mm[Hg]=mmHg, cm[H2O]=cmH2O, [psi]=psi, Cel=°C, [degF]=°F, kBy=KB, MBy=MB, GBy=GB, TBy=TB, By=bytes,
    kbit/s=kbps, Mbit/s=Mbps, Gbit/s=Gbps, [Btu]=BTU, M[Btu]=MMBtu, meq=mEq, [bbl_us]=barrels, {boe}=boe,
    [sft_i]=sq ft, [acr_us]=acres, [gal_us]=gallons, [smi_us]=square miles, [cft_i]=cubic feet,
    [cyd_i]=cubic yards, kW.h=kWh, MW.h=MWh, GW.h=GWh, m2=m², m3=m³, cm2=cm², cm3=cm³, km2=km², mm2=mm²,
    mm3=mm³, ug=µg, um=µm, uL=µL, umol=µmol, m=meters, t=tonnes, s=seconds, deg=degrees, [drp]=drops,
    cal=calories, {beats}/min=bpm, kg/m2=kg/m², h=hours, d=days, wk=weeks, mo=months, {times}=times
    """
)
"""How a code is shown where that is not the code itself."""

IRREGULAR = _table(
    """
    person=people, child=children, foot=feet, aircraft, beats, breaths, boe
    """
)
"""Plurals."""

LABELS = _table(
    """
    a=year, mo=month, wk=week, d=day
    """
)
"""How a unit of time is called behind "per"."""
