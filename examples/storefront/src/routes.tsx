/** The pages by address. Pages that most visitors never open are loaded when they are needed. */
import type { RouteObject } from "react-router";
import { CategoryPage } from "./catalog/CategoryPage";
import { HomePage } from "./catalog/HomePage";
import { ProductPage } from "./catalog/ProductPage";
import { SearchPage } from "./catalog/SearchPage";
import { ErrorPage } from "./layout/ErrorPage";
import { Layout } from "./layout/Layout";
import { NotFound } from "./layout/NotFound";

export const routes: RouteObject[] = [
  {
    element: <Layout />,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: ErrorPage,
        children: [
          { path: "/", element: <HomePage /> },
          { path: "/categories/:slug", element: <CategoryPage /> },
          { path: "/products/:slug", element: <ProductPage /> },
          { path: "/search", element: <SearchPage /> },
          { path: "/cart", lazy: () => import("./cart/CartPage") },
          { path: "/checkout", lazy: () => import("./checkout/CheckoutPage") },
          { path: "/orders", lazy: () => import("./orders/OrdersPage") },
          { path: "/order", lazy: () => import("./orders/OrderLinkPage") },
          { path: "/orders/:id", lazy: () => import("./orders/OrderPage") },
          { path: "/sign-in", lazy: () => import("./account/SignInPage") },
          { path: "/sign-up", lazy: () => import("./account/SignUpPage") },
          { path: "/reset-password", lazy: () => import("./account/ResetPasswordPage") },
          { path: "/account", lazy: () => import("./account/AccountPage") },
          { path: "/admin/products", lazy: () => import("./admin/ProductsPage") },
          { path: "/admin/products/:id/images", lazy: () => import("./admin/ProductImagesPage") },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];
