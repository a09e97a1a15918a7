//! What stands in the database besides Connect's own: the kinds of objects that a swap must carry.

use super::anchors::Anchors;
use super::sql::quote;
use crate::workload::Workload;

/// Types, sequences, tables with keys among themselves and by `sfid` to a managed table.
pub(super) fn tables(anchors: Option<&Anchors>) -> String {
    let account = anchors.map_or_else(String::new, |anchors| {
        format!(
            "ALTER TABLE public.customers ADD CONSTRAINT customers_account_sfid_fkey
                 FOREIGN KEY (account_sfid) REFERENCES {}.{} (sfid) ON DELETE SET NULL;",
            quote(&anchors.schema),
            quote(&anchors.main.table)
        )
    });
    format!(
        "{orders}
        CREATE SCHEMA reporting;
        CREATE TYPE public.order_status AS ENUM ('open', 'paid', 'shipped', 'returned');
        CREATE DOMAIN public.percentage AS numeric(5, 2) CHECK (VALUE BETWEEN 0 AND 100);
        CREATE SEQUENCE public.invoice_numbers START 10000 INCREMENT 5;
        CREATE TABLE public.customers (
            id serial PRIMARY KEY,
            account_sfid varchar(18),
            email text NOT NULL,
            discount public.percentage NOT NULL DEFAULT 0,
            preferences jsonb NOT NULL DEFAULT '{{}}');
        CREATE UNIQUE INDEX customers_email_lower ON public.customers (lower(email));
        CREATE INDEX customers_preferences ON public.customers USING gin (preferences);
        {account}
        ALTER TABLE public.orders
            ADD COLUMN status public.order_status NOT NULL DEFAULT 'open',
            ADD COLUMN customer_id integer REFERENCES public.customers (id),
            ADD COLUMN updated_at timestamptz;
        CREATE INDEX orders_open ON public.orders (customer_id) WHERE status = 'open';
        CREATE TABLE public.invoices (
            number bigint PRIMARY KEY DEFAULT nextval('public.invoice_numbers'),
            order_id bigint REFERENCES public.orders (id) ON DELETE SET NULL,
            net numeric(12, 2) NOT NULL,
            tax numeric(12, 2) NOT NULL,
            gross numeric(12, 2) GENERATED ALWAYS AS (net + tax) STORED);
        CREATE TABLE public.changes (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            sfid varchar(18) NOT NULL,
            before text,
            after text,
            changed_at timestamptz NOT NULL DEFAULT now());
        COMMENT ON TABLE public.invoices IS 'Numbers grow by five; they never repeat.';
        COMMENT ON COLUMN public.customers.account_sfid IS 'The Salesforce id, never the row id.';",
        orders = Workload::ORDERS_SCHEMA
    )
}

/// Rows, made by the server.
pub(super) fn rows(anchors: Option<&Anchors>, count: u32) -> String {
    let sfids = anchors.map_or_else(
        || {
            "SELECT NULL::varchar AS sfid, generate_series AS n FROM generate_series(1, 1)"
                .to_owned()
        },
        |anchors| {
            format!(
                "SELECT sfid, row_number() OVER (ORDER BY sfid) AS n FROM {}.{} \
                 WHERE sfid IS NOT NULL ORDER BY sfid LIMIT {count}",
                quote(&anchors.schema),
                quote(&anchors.main.table)
            )
        },
    );
    format!(
        "INSERT INTO public.customers (account_sfid, email, discount, preferences)
            SELECT a.sfid, 'customer' || n || '@example.com', n % 30,
                   jsonb_build_object('newsletter', n % 2 = 0, 'language', 'en')
            FROM generate_series(1, {count}) AS n LEFT JOIN ({sfids}) AS a USING (n);
        INSERT INTO public.orders (reference, total, status, customer_id, placed_at)
            SELECT 'seed-' || n, n * 7 % 5000, (enum_range(NULL::public.order_status))[1 + n % 4],
                   1 + n % {count}, now() - n * interval '1 hour'
            FROM generate_series(1, {count}) AS n;
        INSERT INTO public.order_items (order_id, reference, quantity)
            SELECT o.id, o.reference || '-' || i, i FROM public.orders AS o, generate_series(1, 3) AS i;
        INSERT INTO public.audit_log (reference, note)
            SELECT reference, 'imported' FROM public.orders;
        INSERT INTO public.invoices (order_id, net, tax)
            SELECT id, total, round(total * 0.2, 2) FROM public.orders WHERE status <> 'open';
        ANALYZE public.customers, public.orders, public.order_items, public.invoices;"
    )
}

/// Functions, views over managed tables, triggers and indexes, on managed tables too.
pub(super) fn behaviour(anchors: Option<&Anchors>) -> String {
    let own = "
        CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
        CREATE TRIGGER orders_touch BEFORE UPDATE ON public.orders
            FOR EACH ROW EXECUTE FUNCTION public.touch();
        CREATE TRIGGER orders_disabled BEFORE INSERT ON public.orders
            FOR EACH ROW EXECUTE FUNCTION public.touch();
        ALTER TABLE public.orders DISABLE TRIGGER orders_disabled;
        CREATE FUNCTION reporting.gross(invoice bigint) RETURNS numeric LANGUAGE sql STABLE AS
            'SELECT gross FROM public.invoices WHERE number = invoice';
        CREATE PROCEDURE reporting.close_orders(before timestamptz) LANGUAGE sql AS
            $$ UPDATE public.orders SET status = 'shipped' WHERE placed_at < before $$;
        CREATE MATERIALIZED VIEW reporting.daily_totals AS
            SELECT date_trunc('day', placed_at) AS day, sum(total) AS total
            FROM public.orders GROUP BY 1;
        CREATE UNIQUE INDEX daily_totals_day ON reporting.daily_totals (day);";
    let Some(anchors) = anchors else {
        return own.to_owned();
    };
    let schema = quote(&anchors.schema);
    let (main, watched) = (quote(&anchors.main.table), quote(&anchors.watched.table));
    let (label, watched_label) = (quote(&anchors.main.label), quote(&anchors.watched.label));
    format!(
        "{own}
        CREATE INDEX custom_label_lower ON {schema}.{main} (lower({label}));
        CREATE VIEW reporting.customer_orders AS
            SELECT a.sfid, a.{label} AS label, count(o.id) AS orders, sum(o.total) AS total
            FROM {schema}.{main} AS a
            JOIN public.customers AS c ON c.account_sfid = a.sfid
            LEFT JOIN public.orders AS o ON o.customer_id = c.id
            GROUP BY a.sfid, a.{label};
        COMMENT ON VIEW reporting.customer_orders IS 'What each customer ordered.';
        CREATE FUNCTION public.log_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.sfid IS NOT NULL AND NEW.{watched_label} IS DISTINCT FROM OLD.{watched_label} THEN
                    INSERT INTO public.changes (sfid, before, after)
                        VALUES (NEW.sfid, OLD.{watched_label}, NEW.{watched_label});
                END IF;
                RETURN NULL;
            END $$;
        CREATE TRIGGER custom_log_change AFTER UPDATE ON {schema}.{watched}
            FOR EACH ROW EXECUTE FUNCTION public.log_change();"
    )
}
