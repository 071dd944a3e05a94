/**
 * Virtual time as people read it: the proleptic Gregorian calendar in UTC, in the C locale. Days to dates after
 * Howard Hinnant's civil_from_days.
 */

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

export interface CivilTime {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 366 */
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** `seconds` since 1970; fractions are ignored. */
export function civilTime(seconds: number): CivilTime {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / 86_400);
  const ofDay = whole - days * 86_400;
  // Years of this count start in March, so that the leap day comes last.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + Number(month <= 2);
  return {
    year,
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysBefore(year) + 1,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
  };
}

/** Days from 1970-01-01 to January 1 of `year`. */
function daysBefore(year: number): number {
  const last = year - 1;
  return last * 365 + Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400) - 719_162;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** strftime(3), the part people use; an unknown directive stays as it is. `seconds` since 1970, `nanos` for %N. */
export function formatDate(format: string, seconds: number, nanos = 0): string {
  return format.replace(/%(.)/g, (whole, letter: string) => directive(letter, seconds, nanos) ?? whole);
}

function directive(letter: string, seconds: number, nanos: number): string | null {
  const t = civilTime(seconds);
  switch (letter) {
    case "Y":
      return String(t.year);
    case "y":
      return two(t.year % 100);
    case "m":
      return two(t.month);
    case "d":
      return two(t.day);
    case "e":
      return String(t.day).padStart(2);
    case "j":
      return String(t.yearDay).padStart(3, "0");
    case "H":
      return two(t.hour);
    case "I":
      return two(t.hour % 12 || 12);
    case "M":
      return two(t.minute);
    case "S":
      return two(t.second);
    case "p":
      return t.hour < 12 ? "AM" : "PM";
    case "N":
      return String(nanos).padStart(9, "0");
    case "s":
      return String(Math.floor(seconds));
    case "a":
      return WEEKDAYS[t.weekday]!.slice(0, 3);
    case "A":
      return WEEKDAYS[t.weekday]!;
    case "b":
    case "h":
      return MONTHS[t.month - 1]!.slice(0, 3);
    case "B":
      return MONTHS[t.month - 1]!;
    case "u":
      return String(t.weekday || 7);
    case "w":
      return String(t.weekday);
    case "Z":
      return "UTC";
    case "z":
      return "+0000";
    case "n":
      return "\n";
    case "t":
      return "\t";
    case "%":
      return "%";
    case "F":
      return formatDate("%Y-%m-%d", seconds);
    case "T":
      return formatDate("%H:%M:%S", seconds);
    case "R":
      return formatDate("%H:%M", seconds);
    case "D":
      return formatDate("%m/%d/%y", seconds);
    case "c":
      return formatDate("%a %b %e %H:%M:%S %Y", seconds);
    case "x":
      return formatDate("%m/%d/%y", seconds);
    case "X":
      return formatDate("%H:%M:%S", seconds);
    default:
      return null;
  }
}
