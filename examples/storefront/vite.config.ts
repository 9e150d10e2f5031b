import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Browsers see one origin: this server passes requests to the API on. The refresh cookie is then of the same site, no
// CORS is needed, and the pages also work from a phone in the network (`npm run dev -- --host`).
const target = process.env.WARES_URL ?? "http://127.0.0.1:8000";
const proxy = { "/graphql": target, "/auth": target };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
});
