/* pricing.c: ours: prices tried out without a plan. */
#include "api/handlers.h"

#include "catalog/simulate.h"

enum err pricing_simulate(struct api_call *call)
{
    struct simulation_request request;
    struct simulation simulation;
    enum err err = body_read(call, &simulation_request_fields, &request);

    if (err == OK)
        err = simulation_run(&request, &call->cx.problem, &simulation);
    return err == OK ? reply_one(call, &simulation_fields, &simulation) : err;
}
