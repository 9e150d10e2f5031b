interface ImportMetaEnv {
  readonly VITE_API_URL?: string;
  readonly VITE_STRIPE_JS_URL?: string;
}
