/** Origin of the API. Empty by default: the API is reached through the origin of the pages. */
export const API = import.meta.env.VITE_API_URL ?? "";
