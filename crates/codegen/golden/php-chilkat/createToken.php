<?php
// Get an access token

include('chilkat.php');

// This example assumes the Chilkat API to have been previously unlocked.

$http = new CkHttp();

$queryParams = new CkJsonObject();

$queryParams->UpdateString('grant_type','account_credentials');

// Adds the "Authorization: Basic" header.
$http->put_Login('<client_id>');
$http->put_Password('<client_secret>');
$http->put_BasicAuth(true);

// resp is a CkHttpResponse
$resp = $http->QuickRequestParams('POST','https://api.example.com/oauth/token',$queryParams);
if ($http->get_LastMethodSuccess() == false) {
    print $http->lastErrorText() . "\n";
    exit;
}

$sbResponseBody = new CkStringBuilder();

$resp->GetBodySb($sbResponseBody);

$jResp = new CkJsonObject();

$jResp->LoadSb($sbResponseBody);
$jResp->put_EmitCompact(false);

print 'Response Body:' . "\n";
print $jResp->emit() . "\n";

$respStatusCode = $resp->get_StatusCode();
print 'Response Status Code = ' . $respStatusCode . "\n";
if ($respStatusCode >= 400) {
    print 'Response Header:' . "\n";
    print $resp->header() . "\n";
    print 'Failed.' . "\n";
    exit;
}


// Sample JSON response:
// (Sample code for parsing the JSON response is shown below)

// {
//   "access_token": "C5D2_VVRM3epciQT_zHhfU_oPHhNAhSWFHuc7MXnBwg",
//   "api_url": "https://rollcall.example.com",
//   "expires_in": 3600,
//   "scope": "dashboard:read:admin user:read:admin webinar:read:admin",
//   "token_type": "bearer"
// }

$access_token = $jResp->stringOf('access_token');
$api_url = $jResp->stringOf('api_url');
$expires_in = $jResp->IntOf('expires_in');
$refresh_token = $jResp->stringOf('refresh_token');
$scope = $jResp->stringOf('scope');
$token_type = $jResp->stringOf('token_type');


