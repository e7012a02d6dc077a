<?php
// Create a tracking code

include('chilkat.php');

// This example assumes the Chilkat API to have been previously unlocked.

$http = new CkHttp();

// Adds the "Authorization: Bearer <access_token>" header.
$http->put_AuthToken('<access_token>');

$json = new CkJsonObject();

$json->UpdateString('hostProfileCode','optional');
$json->UpdateString('inputMode','select');
$json->UpdateString('name','Department');
$json->UpdateBool('options[0].defaultValue',false);
$json->UpdateString('options[0].value','Engineering');
$json->UpdateBool('options[1].defaultValue',true);
$json->UpdateString('options[1].value','Design');
$json->UpdateBool('options[2].defaultValue',false);
$json->UpdateString('options[2].value','Sales');
$json->UpdateString('scheduleStartCodes[0].service','MeetingCenter');
$json->UpdateString('scheduleStartCodes[0].type','required');
$json->UpdateString('scheduleStartCodes[1].service','EventCenter');
$json->UpdateString('scheduleStartCodes[1].type','optional');
$json->UpdateString('siteUrl','example.webex.com');

$sbRequestBody = new CkStringBuilder();

$json->EmitSb($sbRequestBody);

// resp is a CkHttpResponse
$resp = $http->PTextSb('POST','https://api.example.com/v1/admin/meeting/config/trackingCodes',$sbRequestBody,'utf-8','application/json',false,false);
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
//   "hostProfileCode": "optional",
//   "id": "1",
//   "inputMode": "select",
//   "name": "Department",
//   "options": [
//     {
//       "defaultValue": true,
//       "value": "Engineering"
//     },
//     {
//       "defaultValue": false,
//       "value": "Design"
//     }
//   ],
//   "scheduleStartCodes": [
//     {
//       "service": "All",
//       "type": "required"
//     },
//     {
//       "service": "MeetingCenter",
//       "type": "required"
//     },
//     {
//       "service": "EventCenter",
//       "type": "required"
//     },
//     {
//       "service": "TrainingCenter",
//       "type": "required"
//     },
//     {
//       "service": "SupportCenter",
//       "type": "required"
//     }
//   ],
//   "siteUrl": "example.webex.com"
// }

$host_profile_code = $jResp->stringOf('hostProfileCode');
$id = $jResp->stringOf('id');
$input_mode = $jResp->stringOf('inputMode');
$name = $jResp->stringOf('name');
$i = 0;
$count_i = $jResp->SizeOfArray('options');
while ($i < $count_i) {
    $jResp->put_I($i);
    $default_value = $jResp->BoolOf('options[i].defaultValue');
    $value = $jResp->stringOf('options[i].value');
    $i = $i + 1;
}
$i = 0;
$count_i = $jResp->SizeOfArray('scheduleStartCodes');
while ($i < $count_i) {
    $jResp->put_I($i);
    $service = $jResp->stringOf('scheduleStartCodes[i].service');
    $type = $jResp->stringOf('scheduleStartCodes[i].type');
    $i = $i + 1;
}
$site_url = $jResp->stringOf('siteUrl');


