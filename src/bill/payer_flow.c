/* payer_flow.c: commands on customers that their bills have a say in: each gathers and applies in
 * one transaction, of which the commands of the floors below are parts. */
#include "bill/payer_rows.h"
#include "subscribe/subscription.h"

static enum err facts_gather(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                             struct payer_facts *ret)
{
    struct payer_facts facts = { 0 };
    enum err err = payer_rows_facts(cx, tx, customer, &facts);
    if (err == OK) {
        store_enclose(tx);
        err = subscription_customer_is_active(cx, customer, &facts.is_subscribed, &facts.current);
        store_disclose(tx);
    }
    if (err == OK)
        *ret = facts;
    return err;
}

enum err payer_update(struct cx *cx, text id_or_key, const struct customer_change *change,
                      struct customer *ret)
{
    CHECK(cx != NULL && change != NULL && ret != NULL);
    struct customer customer;
    struct payer_facts facts;
    struct customer_change whole = *change;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, id_or_key, &customer);
    if (err == OK)
        err = facts_gather(cx, tx, customer.id, &facts);
    if (err == OK) {
        whole.is_subscribed = facts.is_subscribed;
        whole.is_billed = facts.is_billed;
        whole.subjects_from = facts.metered_until;
        store_enclose(tx);
        err = customer_update(cx, id_or_key, &whole, &customer);
        store_disclose(tx);
    }
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = customer;
    return err;
}

enum err payer_delete(struct cx *cx, text id_or_key)
{
    CHECK(cx != NULL);
    struct customer customer;
    struct payer_facts facts = { 0 };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK) {
        store_enclose(tx);
        err = customer_get(cx, id_or_key, &customer);
        store_disclose(tx);
    }
    if (err == OK)
        err = facts_gather(cx, tx, customer.id, &facts);
    if (err == OK) {
        store_enclose(tx);
        err = customer_delete(cx, id_or_key, payer_obstacle(&facts));
        store_disclose(tx);
    }
    return store_finish(&tx, err);
}

static instant later(instant a, instant b)
{
    return instant_before(a, b) ? b : a;
}

enum err payer_assign(struct cx *cx, const struct subject_assignment *wanted,
                      struct attribution *ret)
{
    CHECK(cx != NULL && wanted != NULL && ret != NULL);
    struct attribution owner;
    struct attribution given;
    struct payer_facts facts, owners = { .metered_until = INSTANT_NONE };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = facts_gather(cx, tx, wanted->customer_id, &facts);
    if (err == OK)
        err = customer_owner(cx, tx, wanted->subject, &owner);
    if (err == OK && !ulid_is_zero(owner.customer_id.ulid))
        err = facts_gather(cx, tx, owner.customer_id, &owners);
    if (err == OK) {
        store_enclose(tx);
        err = customer_assign(cx, wanted, later(facts.metered_until, owners.metered_until), &given);
        store_disclose(tx);
    }
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = given;
    return err;
}
