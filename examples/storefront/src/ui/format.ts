/** Values as texts. The language of the shop is that of `index.html`. */
const language = document.documentElement.lang;

export function formatMoney({ amount, currency }: { amount: string; currency: string }): string {
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(Number(amount));
}

export function formatTime(time: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

/** Returns the name of a country by its code. */
export function countryName(code: string): string {
  return new Intl.DisplayNames(language, { type: "region" }).of(code) ?? code;
}

export function formatBytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MiB`;
}

export function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString(language)} ${number === 1 ? one : many}`;
}
